import { describe, expect, test } from '@jest/globals';
import type { Inputs } from '../../src/inputs/index.ts';
import { type Explanation, outcomeError } from '../../src/monitor/outcome.ts';
import type { Outcome } from '../../src/monitor/watch.ts';

const FAILED: Outcome = { kind: 'failed', steps: [], reason: 'Step failure' };
const SAID: Explanation = {
  step: 'PackagingStep',
  reason: 'AlgorithmError',
  exitMessage: "The packaged model cannot answer: ModuleNotFoundError: No module named 'transformers.models'",
  attempts: 1,
  jobName: 'job-1',
  logTail: [],
  logProblem: undefined,
};

const adviceOf = (explanations: readonly Explanation[], rehearsal: boolean) =>
  outcomeError(FAILED, { explanations, inputs: { timeoutMinutes: 1 } as Inputs, ending: 'ended', rehearsal })?.advice;

describe('what to do about a failed step', () => {
  test('of an account: where its log is, and that a second run repeats nothing', () => {
    expect(adviceOf([SAID], false)).toMatch(
      /^The log of the failed step says more: https:\S+job-1\S* After mending, run again: what is registered is not registered twice\.$/,
    );
    expect(adviceOf([{ ...SAID, jobName: undefined }], false)).toMatch(/^The execution in the console says more\. /);
  });

  test('of a rehearsal: nothing of a console or a registry, and that this machine may lack a module', () => {
    expect(adviceOf([SAID], true)).toBe(
      "The log has the last lines of the container. Where SageMaker's image has transformers.models, install it on this machine, too. After mending, rehearse again.",
    );
    expect(adviceOf([{ ...SAID, exitMessage: 'exit code 1' }], true)).toBe(
      'The log has the last lines of the container. After mending, rehearse again.',
    );
  });
});
