import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Place } from '../core/errors.ts';
import type { Annotation, Runner } from '../core/runner.ts';
import { colorize, outputLines, printable, printableLine } from '../core/text.ts';
import type { Status } from '../report/record.ts';
import { inFlags } from './flags.ts';
import type { LiveView, Terminal } from './terminal.ts';

/** A warning, or an error with its code. */
interface Message {
  readonly code?: string;
  readonly message: string;
  readonly place?: Place;
}

/** The messages and outputs of a run so far. */
export interface Messages {
  readonly outputs: Map<string, string>;
  readonly warnings: Message[];
  readonly errors: Message[];
}

export interface CliSession {
  readonly terminal: Terminal;
  readonly live: LiveView;
  /** The folder for files, made at the first use. */
  readonly folder: () => string;
  readonly verbose: boolean;
  readonly record: Messages;
}

const SUMMARY = 'summary.md';

/** The runner of a run outside GitHub. What is printed is neutralised here, and no workflow command is among it. */
export function createTerminalRunner({ terminal, live, folder, verbose, record }: CliSession): Runner {
  /** A file that cannot be written is a warning, and ends no deployment. Its path; empty where there is none. */
  const attempt = (name: string, write: (path: string) => void): string => {
    try {
      const path = join(folder(), name);
      write(path);
      return path;
    } catch (thrown) {
      const why = printableLine(thrown instanceof Error ? thrown.message : String(thrown), 400);
      const message = `Could not write ${name}: ${why}. The run itself goes on.`;
      record.warnings.push({ message });
      terminal.complain(complaint('warning', { title: 'File', message }, terminal));
      return '';
    }
  };
  return {
    info: (text, tone) => terminal.log(colorize(printable(text), terminal.hasColour ? tone : undefined)),
    group(_, print) {
      print();
    },
    words: inFlags,
    debug(text) {
      if (verbose) terminal.complain(printable(text));
    },
    annotate(severity, given) {
      const annotation = { ...given, message: inFlags(given.message) };
      if (severity === 'notice') return terminal.log(printable(annotation.message));
      if (severity === 'warning') record.warnings.push(messageOf(annotation));
      // The title of an error is its code.
      else record.errors.push({ code: annotation.title, ...messageOf(annotation) });
      terminal.complain(complaint(severity, annotation, terminal));
    },
    setOutput: (name, value) => void record.outputs.set(name, value),
    // The last lines of a session are these.
    showOutputs: () => undefined,
    // There is no post step.
    saveState: () => undefined,
    writeSummary: (markdown) => void attempt(SUMMARY, (path) => appendFileSync(path, markdown)),
    keepFile: (name, text) => attempt(name, (path) => writeFileSync(path, text)),
    // The exit code follows from how the run ended.
    fail: () => undefined,
    transfer: (what, totalBytes) => live.transfer(what, totalBytes),
    showSteps: (steps, _nowMs, total) => live.showSteps(steps, total),
  };
}

function messageOf({ message, place }: Annotation): Message {
  return { message, ...(place === undefined ? {} : { place }) };
}

const COLOURS = { error: '1;31', warning: '1;33' } as const;

/**
 * `error[config-invalid]: config.json:31:5: what is wrong`, by the code that docs/troubleshooting.md is ordered by; further
 * lines of a message are indented.
 */
export function complaint(
  severity: 'error' | 'warning',
  { title, message, place }: Annotation,
  { highlight }: Pick<Terminal, 'highlight'>,
): string {
  const where =
    place === undefined ? '' : `${printableLine([place.file, place.line, place.column].filter(Boolean).join(':'))}: `;
  const text = printable(message).replaceAll('\n', '\n  ');
  const code = severity === 'error' ? `[${printableLine(title, 200)}]` : '';
  return `${highlight(`${severity}${code}:`, COLOURS[severity])} ${where}${text}`;
}

/** The folder for the files of a run, made when the first is written. Summaries are appended to: an earlier one goes. */
export function createFolder(wanted: string | undefined): () => string {
  let made: string | undefined;
  return () => {
    if (made !== undefined) return made;
    made = wanted ?? mkdtempSync(join(tmpdir(), 'bsm-pytorch-deploy-'));
    mkdirSync(made, { recursive: true });
    rmSync(join(made, SUMMARY), { force: true });
    return made;
  };
}

/** The last lines: the outputs as a table, or as a document where `writeDocument` takes one, and where the files are. */
export function tellEnd(status: Status, { record, terminal, folder }: CliSession, writeDocument?: Write): void {
  if (writeDocument === undefined) terminal.log(`\n${outputTable(new Map([['status', status], ...record.outputs]))}\n`);
  terminal.log(printable(`Summary: ${summaryPath(folder)}`));
  writeDocument?.(jsonDocument(status, record));
}

function summaryPath(folder: CliSession['folder']): string {
  try {
    return join(folder(), SUMMARY);
  } catch {
    return 'none';
  }
}

type Write = (text: string) => void;

function outputTable(outputs: ReadonlyMap<string, string>): string {
  return printable(['Outputs', ...outputLines(outputs)].join('\n'));
}

// What a log could take for a command, or a terminal for a control; JSON itself escapes no more than C0.
const UNSAFE = /##(?=\[)|[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** The one document of `--json`. Parses to exactly these values, and is safe to print. */
export function jsonDocument(status: string, { outputs, warnings, errors }: Messages): string {
  const document = { status, outputs: Object.fromEntries(outputs), warnings, errors };
  return JSON.stringify(document, undefined, 2).replace(UNSAFE, escaped);
}

function escaped(text: string): string {
  return text.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** 0: green; 1: the run failed; 2: what was typed is wrong, or an input is. */
export type ExitCode = 0 | 1 | 2;
