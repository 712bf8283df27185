/**
 * What jest says while it runs, one line a file: how far it is, what passed, and in full what did not. Long tests, which
 * are those of the deep command, have a line each. Without a terminal jest's own reporter says nothing of how far it is.
 */
interface Case {
  readonly fullName: string;
  readonly status: string;
  readonly duration?: number | null;
  readonly failureMessages?: readonly string[];
}

interface FileResult {
  readonly testFilePath: string;
  readonly testResults: readonly Case[];
  readonly failureMessage?: string | null;
  readonly console?: readonly { readonly message: string }[] | null;
}

interface Options {
  /** Tests that took longer have a line of their own as soon as they end. */
  readonly longMs?: number;
}

const LONG_MS = 5_000;

export default class ProgressReporter {
  readonly #longMs: number;
  #files = 0;
  #done = 0;
  readonly #tests = { passed: 0, failed: 0 };

  constructor(_globalConfig: unknown, { longMs = LONG_MS }: Options = {}) {
    this.#longMs = longMs;
  }

  onRunStart({ numTotalTestSuites }: { readonly numTotalTestSuites: number }): void {
    this.#files = numTotalTestSuites;
  }

  onTestCaseResult({ path }: { readonly path: string }, { fullName, status, duration, failureMessages }: Case): void {
    if (status === 'passed') this.#tests.passed += 1;
    if (status === 'failed') this.#tests.failed += 1;
    if (status === 'failed' || (duration ?? 0) > this.#longMs) {
      say(
        `${this.#howFar()}   ${status === 'failed' ? 'FAILED ' : ''}${shortName(path)}: ${fullName}${seconds(duration)}`,
      );
    }
    // At once: who ends a long run early still knows why something was red.
    for (const message of failureMessages ?? []) say(message);
  }

  onTestResult(_test: unknown, result: FileResult): void {
    this.#done += 1;
    const counts = ['passed', 'failed', 'pending']
      .map((status) => [status, result.testResults.filter((one) => one.status === status).length] as const)
      .filter(([, count]) => count > 0)
      .map(([status, count]) => `${count} ${status === 'pending' ? 'skipped' : status}`);
    say(`${this.#howFar()} ${shortName(result.testFilePath)}: ${counts.join(', ') || 'did not run'}`);
    for (const { message } of result.console ?? []) say(message);
    if (result.failureMessage) say(result.failureMessage);
  }

  #howFar(): string {
    return `[${this.#done}/${this.#files}]`;
  }

  onRunComplete(): void {
    say(`${this.#tests.passed} tests passed, ${this.#tests.failed} failed.`);
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function seconds(durationMs: number | null | undefined): string {
  return durationMs ? `, ${(durationMs / 1000).toFixed(1)} s` : '';
}

/** `plan/diff` for `…/lib/__tests__/plan/diff.test.js`. */
function shortName(path: string): string {
  return path.replace(/^.*\/__tests__\//, '').replace(/\.test\.js$/, '');
}
