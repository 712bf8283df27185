import { appendFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as core from '@actions/core';
import type { Runner } from '../core/runner.ts';
import {
  colorize,
  outputLines,
  printable,
  printableLine,
  progressMilestones,
  shorten,
  wordsFor,
} from '../core/text.ts';

/** The longest message of an annotation that GitHub keeps. */
const ANNOTATION_LENGTH = 4096;

type RunnerFile = 'outputs' | 'state' | 'summary' | 'kept files';

/**
 * A file of the runner that cannot be written (a full disk, a folder that is gone) is a warning, and ends no deployment.
 * One warning a file: GitHub shows ten, and what the run has to say comes last.
 */
function createAttempt() {
  const told = new Set<RunnerFile>();
  return <T>(file: RunnerFile, what: string, write: () => T): T | undefined => {
    try {
      return write();
    } catch (thrown) {
      const why = printableLine(thrown instanceof Error ? thrown.message : String(thrown), 400);
      const message = `Could not write ${what}: ${why}. The run itself goes on.`;
      if (told.has(file)) core.info(message);
      else core.warning(message, { title: 'Runner files' });
      told.add(file);
      return undefined;
    }
  };
}

/** The real runner. Whatever is printed is neutralised here, in the one place where printing happens. */
export function createRunner(tempFolder: string, summaryPath: string | undefined): Runner {
  let folder: string | undefined;
  const attempt = createAttempt();
  const outputs = new Map<string, string>();
  const info: Runner['info'] = (text, tone) => core.info(colorize(printable(text), tone));
  const group: Runner['group'] = (title, print) => {
    core.startGroup(printableLine(title));
    print();
    core.endGroup();
  };
  return {
    info,
    group,
    words: (text) => wordsFor('workflow', text),
    debug: (text) => core.debug(printable(text)),
    annotate(severity, { title, message, place }) {
      const properties = {
        title: printableLine(title, 200),
        ...(place === undefined ? {} : { file: place.file }),
        ...(place?.line === undefined ? {} : { startLine: place.line }),
        ...(place?.column === undefined ? {} : { startColumn: place.column }),
      };
      const say = { error: core.error, warning: core.warning, notice: core.notice }[severity];
      say(shorten(printable(wordsFor('workflow', message)), ANNOTATION_LENGTH), properties);
    },
    setOutput(name, value) {
      outputs.set(name, value);
      attempt('outputs', `the output ${name}`, () => core.setOutput(name, value));
    },
    showOutputs: () => group('Outputs', () => outputLines(outputs).forEach((line) => info(line))),
    saveState: (name, value) =>
      attempt('state', `the state ${name} for the post step`, () => core.saveState(name, value)),
    writeSummary(markdown) {
      if (summaryPath !== undefined) attempt('summary', 'the job summary', () => appendFileSync(summaryPath, markdown));
    },
    keepFile(name, text) {
      return (
        attempt('kept files', `the file ${name}`, () => {
          folder ??= mkdtempSync(join(tempFolder, 'bsm-pytorch-deploy-'));
          const path = join(folder, name);
          writeFileSync(path, text);
          return path;
        }) ?? ''
      );
    },
    fail() {
      process.exitCode = core.ExitCode.Failure;
    },
    transfer: (what, totalBytes) => progressMilestones({ what, totalBytes }, (line) => core.info(printable(line))),
    showSteps: () => undefined,
  };
}
