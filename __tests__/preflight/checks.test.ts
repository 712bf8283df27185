import { describe, expect, test } from '@jest/globals';
import { DeployError } from '../../src/core/errors.ts';
import { CHECK_NAMES } from '../../src/preflight/check.ts';
import { preflight, refusal, refusedBy } from '../../src/preflight/index.ts';
import { CONTENT_CASES } from './content-cases.ts';
import { ENTRY_CASES } from './entry-cases.ts';
import { type Case, checksOf, MODEL_URI, saw, failedWith, viewOf } from './view.ts';
import { WORLD_CASES } from './world-cases.ts';

const ROWS = [...WORLD_CASES, ...CONTENT_CASES, ...ENTRY_CASES];

describe('preflight', () => {
  test.each(ROWS)('%s', async (_situation, name, given, result, found) => {
    const check = (await checksOf(given)).get(name);
    expect([check?.result, check?.found]).toEqual([
      result,
      typeof found === 'string' ? found : expect.stringMatching(found),
    ]);
  });

  test('says of everything that is not in order what it costs or what to do', async () => {
    for (const [, name, given, result] of ROWS.filter(([, , , outcome]) => outcome !== 'passed')) {
      const check = (await checksOf(given)).get(name);
      expect([name, check?.fix === undefined && !check?.found.includes('see credentials')]).toEqual([name, false]);
      if (result === 'warning' || (result === 'failed' && check?.code === undefined)) {
        expect([name, check?.cost]).toEqual([name, expect.stringMatching(/fails|refused/)]);
      }
    }
  });

  test('makes every check, each once and in the order of its list, whatever is wrong', async () => {
    const checks = preflight(
      await viewOf({ inspection: { model: saw(undefined), identity: failedWith('credentials-missing') } }),
    );
    const made = checks.map(({ name }) => name);
    expect(made).toEqual(CHECK_NAMES.filter((name) => name !== 'runner' && name !== 'regional-buckets'));
  });

  test('says once why nothing could be asked without credentials', async () => {
    const nothing = failedWith('credentials-missing');
    const inspection = { identity: nothing, model: nothing, buckets: [{ bucket: 'b', named: 'x', region: nothing }] };
    const checks = preflight(await viewOf({ inspection, mode: 'plan' }));
    expect(checks.filter(({ found }) => found === 'said AWS.').map(({ name }) => name)).toEqual(['credentials']);
  });
});

const NO_BUCKET = [{ bucket: 'b-1', named: 'base.bucket of the configuration', region: saw(undefined) }];
const OWN_ROLE = { accountId: '123456789012', arn: 'arn:aws:sts::123456789012:assumed-role/bsm-pipeline/GitHub' };

describe('a failed check', () => {
  const refused = async (situation: Case) => {
    const view = await viewOf(situation);
    return refusal(preflight(view), view.inspection);
  };

  test('refuses with its own code and advice where it is the only one', async () => {
    const error = await refused({ inspection: { model: saw(undefined) } });
    expect([error?.code, error?.message]).toEqual([
      'model-missing',
      `There is no object ${MODEL_URI} (input model-s3-path).`,
    ]);
    expect(error?.advice).toMatch(/^Upload the model archive/);
  });

  test('refuses with all of them where there are several', async () => {
    const error = await refused({ inspection: { buckets: NO_BUCKET, model: saw(undefined) } });
    expect([error?.code, error?.diagnostics.length]).toEqual(['preflight-failed', 2]);
  });

  test('refuses nothing where all passed, or was a warning', async () => {
    expect(await refused({ inspection: { identity: saw(OWN_ROLE) } })).toBeUndefined();
  });

  test('is not what is not made; what a deployment cannot do without is told as AWS said it', async () => {
    const view = await viewOf({ inspection: { model: failedWith('access-denied') } });
    const checks = preflight(view);
    expect(refusedBy(checks)).toBeUndefined();
    expect(refusal(checks, view.inspection)).toEqual(expect.any(DeployError));
    expect(refusal(checks, view.inspection)?.code).toBe('access-denied');
  });
});
