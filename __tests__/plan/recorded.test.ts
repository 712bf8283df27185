import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/core/json.ts';
import { formatS3Uri } from '../../src/core/s3-uri.ts';
import { ROOT } from '../harness/run-action.ts';
import { examplePlan } from './fixture.ts';

/** What version 1.0.0 planned for the same configuration and the same facts. */
const recorded = JSON.parse(
  readFileSync(join(ROOT, '__tests__', 'plan', 'data', 'recorded-1.0.0.json'), 'utf8'),
) as JsonObject;

/** Every package now says what its model is for, in SageMaker's words: that is new, and meant. */
function withoutTask(definition: JsonObject): JsonObject {
  const steps = definition['Steps'] as readonly JsonObject[];
  const old = steps.map((step) => {
    const { Domain, Task, ...rest } = step['Arguments'] as JsonObject;
    if (step['Type'] === 'RegisterModel') expect([Domain, Task]).toEqual(['MACHINE_LEARNING', 'OTHER']);
    return { ...step, Arguments: rest };
  });
  return { ...definition, Steps: old };
}

test('an unchanged configuration gives the definition, fingerprints and places in S3 that version 1.0.0 gave', async () => {
  const plan = await examplePlan();
  const { pipeline } = plan;
  expect({
    pipeline: { name: pipeline.name, description: pipeline.description, role: pipeline.roleArn },
    definition: withoutTask(pipeline.definition),
    parameters: plan.parameters,
    fingerprint: plan.fingerprint,
    registrations: plan.registrations.map(({ region, fingerprint, group, record, answers, stepName }) => ({
      region,
      fingerprint,
      group,
      stepName,
      record: formatS3Uri(record),
      answers: formatS3Uri(answers),
    })),
    uploads: plan.uploads.map(({ what, target }) => ({ what, s3_uri: formatS3Uri(target) })),
    packaged_model: formatS3Uri(plan.packagedModel),
    package_report: formatS3Uri(plan.packageReport),
    payload: formatS3Uri(plan.payload),
    claims: formatS3Uri(plan.claims),
    execution_document: plan.executionDocument,
  }).toEqual(recorded);
});
