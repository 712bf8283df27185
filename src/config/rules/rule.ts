import type { ProblemCode } from '../problems.ts';
import type { Draft } from '../resolve.ts';
import type { FileProbe } from '../types.ts';

/** What a rule over several fields sees. A field that is wrong by itself is not in the draft: its rules stay silent. */
export interface RuleInput {
  readonly draft: Draft;
  /** Whether the file gives the field (`base.bucket`), rather than its default. */
  readonly isGiven: (field: string) => boolean;
  readonly files: FileProbe;
}

export interface RuleFinding {
  readonly severity: 'error' | 'warning';
  readonly code: ProblemCode;
  /** The field that is meant; the message begins with it. */
  readonly field: string;
  /** The field to point at, where that is another one. */
  readonly at?: string;
  /** The place inside the field's value. */
  readonly inside?: readonly string[];
  readonly message: string;
}

export type Rule = (input: RuleInput) => readonly RuleFinding[];
