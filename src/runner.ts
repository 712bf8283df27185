import type { Place } from './errors.ts';

/** What a run needs of GitHub's runner; @actions/core stands behind it in the composition root. */
export interface Runner {
  /** Prints lines. They are neutralised here, so that nothing printed can speak to the runner. */
  info(text: string): void;
  /** Shown only with debug logging. */
  debug(text: string): void;
  annotate(severity: 'error' | 'warning' | 'notice', annotation: Annotation): void;
  setOutput(name: string, value: string): void;
  /** Handed to the post step. */
  saveState(name: string, value: string): void;
  /** Appends Markdown to the job summary. */
  writeSummary(markdown: string): void;
  /** Keeps a file for the workflow in the runner's temporary folder; its path. */
  keepFile(name: string, text: string): string;
  /** Makes the job red. */
  fail(): void;
}

export interface Annotation {
  readonly title: string;
  readonly message: string;
  readonly place?: Place;
}
