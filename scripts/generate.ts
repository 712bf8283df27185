import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';
import { configJsonSchema } from '../src/config/json-schema.ts';
import { publishedImages } from '../src/images/index.ts';
import { fieldTables } from './field-tables.ts';

/**
 * Writes what is made from the code: `node lib/scripts/generate.js`; with `--check` it only says what is out of date,
 * and fails. A file that does not exist yet is skipped, except for those that are generated whole.
 */

interface Generator {
  /** From the root of the repository. */
  readonly path: string;
  /** The new text from the present one (undefined: there is no file); undefined leaves things as they are. */
  readonly generate: (present: string | undefined) => string | undefined;
}

const GENERATORS: readonly Generator[] = [
  { path: 'schema/config.schema.json', generate: () => `${JSON.stringify(configJsonSchema(), null, 2)}\n` },
  { path: 'docs/configuration.md', generate: (present) => between(present, 'fields', fieldTables()) },
  { path: 'docs/configuration.md', generate: (present) => between(present, 'versions', versionTable()) },
  { path: 'README.md', generate: (present) => between(present, 'inputs', inputTable()) },
  { path: 'README.md', generate: (present) => between(present, 'outputs', outputTable()) },
  { path: 'src/cli/action-inputs.ts', generate: () => inputModule() },
];

const ROOT = new URL('../../', import.meta.url);

function read(path: string): string | undefined {
  try {
    return readFileSync(new URL(path, ROOT), 'utf8');
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined;
    throw thrown;
  }
}

/** Replaces what stands between `<!-- name:start -->` and `<!-- name:end -->`. */
function between(present: string | undefined, name: string, content: string): string | undefined {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const [from, to] = [present?.indexOf(start) ?? -1, present?.indexOf(end) ?? -1];
  if (present === undefined || from < 0 || to < from) return undefined;
  return `${present.slice(0, from + start.length)}\n${content}\n${present.slice(to)}`;
}

interface ActionFile {
  readonly inputs: Readonly<Record<string, { description: string; required?: boolean; default?: string }>>;
  readonly outputs: Readonly<Record<string, { description: string }>>;
}

function actionFile(): ActionFile {
  return parse(read('action.yml') ?? '{ inputs: {}, outputs: {} }') as ActionFile;
}

function inputTable(): string {
  const rows = Object.entries(actionFile().inputs).map(([name, input]) => {
    const usual = input.required === true ? '**required**' : code(input.default ?? '');
    return `| \`${name}\` | ${usual} | ${cell(input.description)} |`;
  });
  return ['| input | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

function outputTable(): string {
  const rows = Object.entries(actionFile().outputs).map(
    ([name, { description }]) => `| \`${name}\` | ${cell(description)} |`,
  );
  return ['| output | meaning |', '|---|---|', ...rows].join('\n');
}

function versionTable(): string {
  const rows = publishedImages().map(({ version, python, on }) => `| \`${version}\` | \`${python}\` | ${on} |`);
  return ['| `framework_version` | `py_version` | instance types |', '|---|---|---|', ...rows].join('\n');
}

function code(text: string): string {
  return text === '' ? '' : `\`${cell(text)}\``;
}

function cell(text: string): string {
  return text
    .replaceAll('|', '\\|')
    .replace(/\s*\n\s*/g, ' ')
    .trim();
}

/** The inputs for the command line, so that the bundle needs no YAML parser. Laid out as the formatter wants it. */
function inputModule(): string {
  const entries = Object.entries(actionFile().inputs).map(([name, input]) => {
    const lines = [
      property('description', quoted(input.description)),
      property('required', String(input.required === true)),
      property('fallback', quoted(input.default ?? '')),
    ];
    return `  ${/^\w+$/.test(name) ? name : quoted(name)}: {\n${lines.join('')}  },\n`;
  });
  return [
    '/** The inputs of action.yml, from which this is generated: npm run generate. */\n',
    `export const ACTION_INPUTS = {\n${entries.join('')}} as const;\n\n`,
    'export type InputName = keyof typeof ACTION_INPUTS;\n',
  ].join('');
}

function property(name: string, value: string): string {
  const line = `    ${name}: ${value},`;
  return line.length <= 120 ? `${line}\n` : `    ${name}:\n      ${value},\n`;
}

/** A literal in the quotes that need fewer escapes. */
function quoted(text: string): string {
  const flat = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
  const [single, double] = [flat.split("'").length, flat.split('"').length];
  return single > double ? `"${flat.replaceAll('"', '\\"')}"` : `'${flat.replaceAll("'", "\\'")}'`;
}

function main(isCheck: boolean): void {
  for (const { path, generate } of GENERATORS) {
    const present = read(path);
    const wanted = generate(present);
    if (wanted === undefined || wanted === present) continue;
    if (isCheck) {
      console.error(`${path} is out of date; run: npm run generate`);
      process.exitCode = 1;
    } else {
      writeFileSync(new URL(path, ROOT), wanted);
      console.log(`${path} written`);
    }
  }
}

main(process.argv.includes('--check'));
