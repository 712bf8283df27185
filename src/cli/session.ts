import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from '../core/errors.ts';
import type { Annotation, Runner } from '../core/runner.ts';
import { painted } from '../core/text/painted.ts';
import { printable, printableLine } from '../core/text/printable.ts';
import type { Moving } from './live-view.ts';
import type { Terminal } from './terminal.ts';

/** A warning, or an error with its code. */
export interface Told {
  readonly code?: string;
  readonly message: string;
  readonly place?: Place;
}

/** What a run has told so far. */
export interface Record {
  readonly outputs: Map<string, string>;
  readonly warnings: Told[];
  readonly errors: Told[];
}

export interface Desk {
  readonly terminal: Terminal;
  readonly moving: Moving;
  /** The folder for files, made at the first use. */
  readonly folder: () => string;
  readonly verbose: boolean;
  readonly record: Record;
}

export const SUMMARY = 'summary.md';

/** The runner of a run outside GitHub. What is printed is neutralised here, and no workflow command is among it. */
export function createTerminalRunner({ terminal, moving, folder, verbose, record }: Desk): Runner {
  return {
    info: (text, tone) => terminal.log(painted(printable(text), terminal.hasColour ? tone : undefined)),
    debug(text) {
      if (verbose) terminal.complain(printable(text));
    },
    annotate(severity, annotation) {
      if (severity === 'notice') return terminal.log(printable(annotation.message));
      if (severity === 'warning') record.warnings.push(toldBy(annotation));
      // The title of an error is its code.
      else record.errors.push({ code: annotation.title, ...toldBy(annotation) });
      terminal.complain(complaint(severity, annotation, terminal));
    },
    setOutput: (name, value) => void record.outputs.set(name, value),
    // There is no post step.
    saveState: () => undefined,
    writeSummary: (markdown) => appendFileSync(join(folder(), SUMMARY), markdown),
    keepFile(name, text) {
      const path = join(folder(), name);
      writeFileSync(path, text);
      return path;
    },
    // The exit code follows from how the run ended.
    fail: () => undefined,
    transfer: (what, totalBytes) => moving.transfer(what, totalBytes),
    showSteps: (steps, _nowMs, total) => moving.showSteps(steps, total),
  };
}

function toldBy({ message, place }: Annotation): Told {
  return { message, ...(place === undefined ? {} : { place }) };
}

const COLOURS = { error: '1;31', warning: '1;33' } as const;

/** `error: config.json:31:5: what is wrong`; further lines of a message are indented. */
export function complaint(
  severity: 'error' | 'warning',
  { message, place }: Pick<Annotation, 'message' | 'place'>,
  { highlight }: Pick<Terminal, 'highlight'>,
): string {
  const where =
    place === undefined ? '' : `${printableLine([place.file, place.line, place.column].filter(Boolean).join(':'))}: `;
  const text = printable(message).replaceAll('\n', '\n  ');
  return `${highlight(`${severity}:`, COLOURS[severity])} ${where}${text}`;
}
