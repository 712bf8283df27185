import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig, type Config, type ConfigResult } from '../../src/config/index.ts';

/** A folder `scripts` with the two scripts that the recorded cases rely on. */
const DISK: Readonly<Record<string, 'file' | 'folder'>> = {
  scripts: 'folder',
  'scripts/inference.py': 'file',
  'scripts/mims_package.py': 'file',
  'scripts/own/pack.py': 'file',
  'scripts/own': 'folder',
  'notes.txt': 'file',
  packaging: 'folder',
  'packaging/register.py': 'file',
};

export const TODAY = '2026-11-23';
const files = {
  kind: (path: string) => DISK[path] ?? 'missing',
  list: (folder: string) =>
    Object.keys(DISK).flatMap((path) => (path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : [])),
} as const;

export function readText(text: string): ConfigResult {
  return readConfig({ text, path: 'config.json' }, { files, today: TODAY });
}

export function read(value: unknown): ConfigResult {
  return readText(JSON.stringify(value, null, 2));
}

type Section = Readonly<Record<string, unknown>>;
export type Sections = Readonly<Record<string, Section>>;

/** The smallest configuration that raises neither error nor warning, with more fields. */
export function sections(more: Sections = {}): Sections {
  return {
    base: { bucket: 'bsm-models', author: 'bsm', source_dir: 'scripts', ...more['base'] },
    model: { ...more['model'] },
    package: { ...more['package'] },
    registration: {
      model_owner: 'bsm',
      model_registration_objective: 'Abuse',
      source_model_inference_input_variable_list: { dialogue: 'TEXT', order_value: 'NUMERIC' },
      ...more['registration'],
    },
    payload: { ...more['payload'] },
  };
}

/** What was resolved; the problems as an error where there are any. */
export function resolved(value: unknown): Config {
  const result = read(value);
  if (result.ok) return result.config;
  throw new Error(result.problems.map(({ message }) => message).join('\n'));
}

export function problems(result: ConfigResult): readonly string[] {
  return result.ok ? [] : result.problems.map(({ message }) => message);
}

export function warnings(result: ConfigResult): readonly string[] {
  return result.warnings.map(({ message }) => message);
}

export function dataFile(name: string): string {
  return readFileSync(join(import.meta.dirname, '../../../__tests__/config/data', name), 'utf8');
}

export interface Case {
  readonly name: string;
  readonly expected: 'accept' | 'reject' | 'either';
  readonly config: unknown;
  readonly resolved?: Sections;
}

type Path = readonly string[];
interface Stored {
  readonly config: unknown;
  readonly resolved: Sections;
  readonly cases: readonly {
    readonly name: string;
    readonly expected: Case['expected'];
    readonly set: readonly (readonly [Path, unknown])[];
    readonly removed: readonly Path[];
    readonly resolved?: readonly (readonly [Path, unknown])[];
  }[];
}

/** The 115 recorded files with the old loader's verdict, put together again from their differences. */
export function recordedCases(): readonly Case[] {
  const stored = JSON.parse(dataFile('cases.json')) as Stored;
  return stored.cases.map(({ name, expected, set, removed, resolved: differences }) => ({
    name,
    expected,
    config: changed(stored.config, set, removed),
    ...(differences === undefined ? {} : { resolved: changed(stored.resolved, differences, []) as Sections }),
  }));
}

function changed(value: unknown, set: readonly (readonly [Path, unknown])[], removed: readonly Path[]): unknown {
  const copy = structuredClone(value);
  for (const path of removed) delete parentOf(copy, path)[path.at(-1) ?? ''];
  for (const [path, wanted] of set) parentOf(copy, path)[path.at(-1) ?? ''] = wanted;
  return copy;
}

function parentOf(value: unknown, path: Path): Record<string, unknown> {
  return path.slice(0, -1).reduce((inner, key) => (inner as Record<string, unknown>)[key], value) as Record<
    string,
    unknown
  >;
}
