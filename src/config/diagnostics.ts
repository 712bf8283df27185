import { printableLine } from '../core/text.ts';

/** What is wrong, as a closed union: tests and tools distinguish problems by it, not by their text. */
export type DiagnosticCode =
  | 'syntax'
  | 'duplicate-key'
  | 'layout'
  | 'missing'
  | 'invalid'
  | 'conflict'
  | 'not-found'
  | 'unknown-field'
  | 'ignored'
  | 'converted'
  | 'placeholder';

/** One finding in the configuration file; line and column count from 1, columns in UTF-16 units as editors do. */
export interface ConfigDiagnostic {
  readonly severity: 'error' | 'warning';
  readonly code: DiagnosticCode;
  /** Begins with the field: `package.processing_volume_size is 5; expected 10 to 1000 (GB)`. */
  readonly message: string;
  /** The configuration file, as it was named. */
  readonly path: string;
  readonly line: number;
  readonly column: number;
  /** `package.processing_volume_size`; empty where the file as a whole is meant. */
  readonly field: string;
}

/** `deploy/config.json:31:5 package.processing_volume_size is 5; expected 10 to 1000 (GB)` */
export function formatDiagnostic({ path, line, column, message }: ConfigDiagnostic): string {
  return `${path}:${line}:${column} ${message}`;
}

/** Longest excerpt of a value in a message, in characters. */
const EXCERPT_LENGTH = 80;

/** A piece of the file, as it stands there, in one short line that is safe to print. */
export function excerpt(source: string): string {
  return printableLine(source, EXCERPT_LENGTH);
}

/** What a problem is about: the offset is where in the text it stands. */
export interface FieldDiagnostic {
  readonly code: DiagnosticCode;
  readonly field: string;
  readonly offset: number;
  readonly message: string;
}

/** Collects what is found, in the order of the file. */
export interface Diagnostics {
  error(finding: FieldDiagnostic): void;
  warning(finding: FieldDiagnostic): void;
  readonly errors: readonly FieldDiagnostic[];
  readonly warnings: readonly FieldDiagnostic[];
}

export function createDiagnostics(): Diagnostics {
  const errors: FieldDiagnostic[] = [];
  const warnings: FieldDiagnostic[] = [];
  return { error: (finding) => errors.push(finding), warning: (finding) => warnings.push(finding), errors, warnings };
}
