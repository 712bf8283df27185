import type { Field } from '../src/config/field.ts';
import { defaultText } from '../src/config/json-schema.ts';
import { type FieldTable, SECTIONS } from '../src/config/sections.ts';

/** The fields of every section as Markdown tables, for docs/configuration.md. */
export function fieldTables(): string {
  return Object.entries<FieldTable>(SECTIONS)
    .map(([section, fields]) => `### ${section}\n\n${table(fields)}`)
    .join('\n\n');
}

function table(fields: FieldTable): string {
  const rows = Object.entries(fields).map(
    ([name, field]) => `| \`${name}\` | ${usual(field)} | ${cell(field.kind.expected)} | ${cell(field.about)} |`,
  );
  return ['| field | default | expected | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

function usual(field: Field<unknown>): string {
  if (field.presence.is === 'required') return '**required**';
  const text = defaultText(field);
  return field.presence.is === 'default' || text.includes('{') ? `\`${cell(text)}\`` : cell(text);
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
