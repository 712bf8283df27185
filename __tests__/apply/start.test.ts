import { describe, expect, test } from '@jest/globals';
import { SelectionRefused, type StartContext, startPlanned } from '../../src/apply/start.ts';
import { awsError } from '../../src/aws/errors.ts';
import type { Aws } from '../../src/aws/types.ts';
import type { Plan } from '../../src/plan/types.ts';
import { fakeClock } from '../fakes/clock.ts';
import { memoryObjects } from '../fakes/objects.ts';

const PLAN = { pipeline: { name: 'pipe' }, parameters: {} } as unknown as Plan;
const PIPELINE = { arn: 'arn:pipe', change: 'none', versionId: 1 } as const;
const CLAIM = {
  location: { bucket: 'bucket', key: 'loc/claims/a' },
  generation: 1,
  etag: 'e',
  displayName: 'f-a-1',
  token: 't'.repeat(64),
};

function refusing(name: string, message: string): StartContext {
  const refused = () =>
    Promise.reject(awsError(Object.assign(new Error(message), { name }), 'start the pipeline pipe'));
  return {
    aws: { objects: memoryObjects(), pipelines: { start: refused } } as unknown as Aws,
    clock: fakeClock(0),
    runUrl: 'none',
    log: () => undefined,
    cancelled: new AbortController().signal,
    deadlineMs: 3_600_000,
    endedBefore: new Set(),
    missing: [],
    selective: { sourceArn: 'arn:pipe/execution/source', steps: ['Registration_EU'] },
    announce: () => undefined,
    began: () => undefined,
  };
}

describe('a selective start falls back where AWS says', () => {
  test.each([
    ['ValidationException', 'Invalid SourcePipelineExecutionArn: it is in no state to be a source'],
    ['ValidationException', 'Invalid SourcePipelineExecutionArn: the execution does not exist'],
    ['ValidationException', 'Cannot find the step Registration_EU in the source execution'],
    ['ResourceNotFound', 'PipelineExecution arn:pipe/execution/source does not exist.'],
  ])('%s: %s', async (name, message) => {
    const started = startPlanned(PLAN, { pipeline: PIPELINE, claim: CLAIM }, refusing(name, message));
    await expect(started).rejects.toBeInstanceOf(SelectionRefused);
  });
});

test('a selective start that is denied does not fall back: another one would be denied as well', async () => {
  const context = refusing('AccessDeniedException', 'not authorized');
  const started = startPlanned(PLAN, { pipeline: PIPELINE, claim: CLAIM }, context);
  await expect(started).rejects.toMatchObject({ code: 'access-denied' });
});
