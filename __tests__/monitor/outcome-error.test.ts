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

const adviceOf = (explanations: readonly Explanation[], rehearsal: boolean, suspicions: readonly string[] = []) =>
  outcomeError(FAILED, {
    explanations,
    inputs: { timeoutMinutes: 1 } as Inputs,
    ending: 'ended',
    rehearsal,
    suspicions,
  })?.advice;

describe('what to do about a failed step', () => {
  test('of an account: where its log is, and that a second run repeats nothing', () => {
    expect(adviceOf([SAID], false)).toMatch(
      /^The log of the failed step says more: https:\S+job-1\S* After mending, run again: what is registered is not registered twice\. docs\/troubleshooting\.md explains/,
    );
    expect(adviceOf([{ ...SAID, jobName: undefined }], false)).toMatch(/^The execution in the console says more\. /);
  });

  test('of a rehearsal: nothing of a console or a registry, and that this machine may lack a module', () => {
    expect(adviceOf([SAID], true)).toBe(
      'The log has the last lines of the container. Where SageMaker\'s image has transformers.models, install it on this machine, too. After mending, rehearse again. docs/troubleshooting.md explains such sentences under "The packaged model cannot answer".',
    );
    expect(adviceOf([{ ...SAID, exitMessage: 'exit code 1' }], true)).toBe(
      'The log has the last lines of the container. After mending, rehearse again.',
    );
  });

  const CANNOT = 'The packaged model cannot answer: ';
  test.each([
    [
      'input_fn failed: ValueError: only application/json',
      /source_model_inference_content_types, which decides what is sent/,
    ],
    ['predict_fn failed: JSONDecodeError: Expecting value', /source_model_inference_content_types/],
    ['model_fn failed: RuntimeError: Found no NVIDIA driver on your system', /no GPU: .*package\.verify: false/],
    ['model_fn failed: AssertionError: Torch not compiled with CUDA enabled', /map_location="cpu"/],
  ])('of a package that says %j: the setting that decides', (sentence, advice) => {
    expect(adviceOf([{ ...SAID, exitMessage: CANNOT + sentence }], false)).toMatch(advice);
  });

  test('of a package that says what decides itself: not that again', () => {
    const exitMessage = `${CANNOT}input_fn failed (registration.source_model_inference_content_types decides what is sent)`;
    expect(adviceOf([{ ...SAID, exitMessage }], false)).not.toContain('source_model_inference_content_types');
  });

  test('of a package that preflight had suspected: what it saw, first, in the same words', () => {
    const suspicion = 'm.tar.gz: nothing lies at its root. Pack what is in the folder.';
    const exitMessage = `${CANNOT}FileNotFoundError: No such file: 'model.pth'`;
    expect(adviceOf([{ ...SAID, exitMessage }], true, [suspicion])?.startsWith(suspicion)).toBe(true);
    expect(adviceOf([{ ...SAID, step: 'Registration_EU' }], true, [suspicion])).not.toContain(suspicion);
  });
});
