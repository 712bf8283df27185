import type { DiagnosticCode } from './diagnostics.ts';
import type { SectionName, SectionValues } from './sections.ts';

/** The whole configuration, resolved: every field of every section has its value. */
export interface Config extends SectionValues {
  readonly origin: ConfigOrigin;
}

/** What the file said that the values alone do not show. */
export interface ConfigOrigin {
  readonly layout: 'merged' | 'sections';
  /** Fields that the file gives, as `base.bucket`; all others have their defaults. */
  readonly given: readonly `${SectionName}.${string}`[];
  /** Variable lists that the file gives as lists of pairs; the others are objects. */
  readonly pairs: { readonly input: boolean; readonly output: boolean };
}

/** How much the reading asks of the disk; paths as they stand in the configuration. */
export interface FileProbe {
  kind(path: string): 'file' | 'folder' | 'missing';
  list(folder: string): readonly string[];
}

/** What the reading must know of the world. */
export interface Surroundings {
  readonly files: FileProbe;
  /** YYYY-MM-DD */
  readonly today: string;
}

/** What a rule over several fields sees. A field that is wrong by itself is not in the draft: its rules stay silent. */
export interface RuleInput {
  readonly draft: Draft;
  /** Whether the file gives the field (`base.bucket`), rather than its default. */
  readonly isGiven: (field: string) => boolean;
  readonly files: FileProbe;
}

export interface RuleDiagnostic {
  readonly severity: 'error' | 'warning';
  readonly code: DiagnosticCode;
  /** The field that is meant; the message begins with it. */
  readonly field: string;
  /** The field to point at, where that is another one. */
  readonly at?: string;
  /** The place inside the field's value. */
  readonly inside?: readonly string[];
  readonly message: string;
}

export type Rule = (input: RuleInput) => readonly RuleDiagnostic[];

/** Values that have been read so far; what was wrong or waits for its default is not there. */
export type Draft = { readonly [S in SectionName]: { -readonly [K in keyof SectionValues[S]]?: SectionValues[S][K] } };
