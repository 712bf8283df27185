import { afterEach, expect, jest, test } from '@jest/globals';
import { createRunner } from '../../src/github/runner.ts';

const printed: string[] = [];
const stdout = jest.spyOn(process.stdout, 'write');
afterEach(() => void stdout.mockReset());

test('the log of a workflow folds what is in a group, and the outputs in one of their own', () => {
  stdout.mockImplementation((text) => {
    printed.push(String(text).trimEnd());
    return true;
  });
  const runner = createRunner('/nowhere', undefined);
  runner.group('Preflight: 2 of 2 passed', () => runner.info('passed ::error::'));
  expect(printed).toEqual(['::group::Preflight: 2 of 2 passed', 'passed ::error::', '::endgroup::']);
  runner.setOutput('status', 'planned');
  runner.setOutput('model-package-arns', '{}');
  printed.length = 0;
  runner.showOutputs();
  expect(printed).toEqual(['::group::Outputs', '  status  planned', '::endgroup::']);
});
