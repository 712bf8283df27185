import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import ProgressReporter from '../../scripts/progress-reporter.ts';

const said: string[] = [];
beforeEach(() => {
  said.length = 0;
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
});
afterEach(() => void jest.restoreAllMocks());

const path = '/project/lib/__tests__/plan/diff.test.js';
const one = (fullName: string, status: string, duration = 1) => ({ fullName, status, duration });

test('a run of the tests says how far it is, and what is red, as soon as it is known', () => {
  const reporter = new ProgressReporter({});
  const results = [one('adds', 'passed'), one('takes long', 'passed', 6_000), one('removes', 'failed')];
  reporter.onRunStart({ numTotalTestSuites: 2 });
  for (const result of results) reporter.onTestCaseResult({ path }, result);
  const file = { testFilePath: path, testResults: [...results, one('waits', 'pending')] };
  reporter.onTestResult({}, { ...file, failureMessage: 'expected 1', console: [{ message: 'SKIPPED: no browser' }] });
  reporter.onTestResult({}, { testFilePath: path.replace('diff', 'plan'), testResults: [], failureMessage: 'broken' });
  reporter.onRunComplete();
  expect(said.join('')).toBe(`[0/2]   plan/diff: takes long, 6.0 s
[0/2]   FAILED plan/diff: removes, 0.0 s
[1/2] plan/diff: 2 passed, 1 failed, 1 skipped
SKIPPED: no browser
expected 1
[2/2] plan/plan: did not run
broken
2 tests passed, 1 failed.
`);
});
