import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createAws } from '../../src/aws/sdk/index.ts';
import type { Context } from '../../src/core/context.ts';
import { createFiles } from '../../src/core/files.ts';
import type { Annotation, Runner } from '../../src/core/runner.ts';
import type { Status } from '../../src/report/record.ts';
import { run } from '../../src/run/run.ts';
import { ROOT } from './run-action.ts';

/** What a run left behind, without a process of its own: for tests that need many runs and not the runner around them. */
export interface InProcessRun {
  readonly status: Status;
  readonly outputs: Readonly<Record<string, string>>;
  readonly errors: readonly Annotation[];
  readonly warnings: readonly Annotation[];
  readonly lines: readonly string[];
  readonly summary: string;
  /** Of the pull request, where one was asked for. */
  readonly comment: string | undefined;
  /** What plan-path names. */
  readonly plan: Readonly<Record<string, unknown>>;
  readonly red: boolean;
}

export interface InProcessOptions {
  readonly workspace: string;
  /** Of an embedded AWS. */
  readonly url: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly cancelled?: AbortSignal;
  /** As GitHub would have it; `headCommit` is that of the pull request's event. */
  readonly context?: Partial<Context> & { readonly headCommit?: string };
  /** A local archive that is to be put under model-s3-path. */
  readonly upload?: string;
  readonly releaseTag?: string;
  /** Given every file that the run keeps, which is removed with its end. */
  readonly onFile?: (name: string, text: string) => void;
}

/** Runs the action's own code against an embedded AWS; waits are cut to a few milliseconds. */
export async function runInProcess(options: InProcessOptions): Promise<InProcessRun> {
  const { workspace, url, inputs, cancelled, context, onFile, ...more } = options;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIAEMBEDDED',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
  const temp = mkdtempSync(join(tmpdir(), 'in-process-'));
  const left = { outputs: {} as Record<string, string>, errors: [] as Annotation[], warnings: [] as Annotation[] };
  const lines: string[] = [];
  const end = { summary: '', red: false, comment: undefined as string | undefined, plan: {} };
  const runner: Runner = {
    info: (text) => void lines.push(text),
    debug: () => undefined,
    annotate: (severity, annotation) => void (severity === 'error' ? left.errors : left.warnings).push(annotation),
    setOutput: (name, value) => void (left.outputs[name] = value),
    saveState: () => undefined,
    writeSummary: (markdown) => void (end.summary += markdown),
    keepFile(name, text) {
      writeFileSync(join(temp, name), text);
      if (name === 'plan.json') end.plan = JSON.parse(text) as Record<string, unknown>;
      onFile?.(name, text);
      return join(temp, name);
    },
    fail: () => void (end.red = true),
    transfer: () => () => undefined,
    showSteps: () => undefined,
  };
  try {
    const status = await run({
      input: (name) => inputs[name] ?? '',
      context: {
        workspace,
        tempFolder: temp,
        provenance: { commit: 'none', ref: 'none', repository: 'none', runUrl: 'none' },
        releaseTag: more.releaseTag,
        actor: undefined,
        ...context,
      },
      runner,
      openAws: () => createAws(),
      ...(more.upload === undefined ? {} : { upload: more.upload }),
      openTarget: () =>
        Promise.resolve({ aws: createAws(), runner, rehearsal: false, checks: [], close: () => Promise.resolve() }),
      comments: {
        headCommit: () => Promise.resolve(context?.headCommit),
        keep: (_marker, body) => {
          end.comment = body;
          return Promise.resolve('created');
        },
      },
      clock: { nowMs: () => Date.now(), sleep: (ms) => wait(Math.min(ms, 20)) },
      openFiles: () => createFiles(workspace),
      containerFolder: join(ROOT, 'container'),
      cancelled: cancelled ?? new AbortController().signal,
      random: () => 0.5,
    });
    return { status, ...left, lines, ...end };
  } finally {
    rmSync(temp, { recursive: true, force: true });
  }
}
