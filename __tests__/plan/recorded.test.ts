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

/** What is new since then, and meant: everything else must be as it was. */
const NEW_METADATA = ['model_identity', 'code_digest', 'packager_digest', 'configuration_digest', 'author'];

function withoutNews(definition: JsonObject): JsonObject {
  const steps = definition['Steps'] as readonly JsonObject[];
  return { ...definition, Steps: steps.map((step) => ({ ...step, Arguments: argumentsOf(step) })) };
}

function argumentsOf({ Type, Arguments }: JsonObject): JsonObject {
  const { Domain, Task, ...rest } = Arguments as JsonObject;
  if (Type === 'RegisterModel') expect([Domain, Task]).toEqual(['MACHINE_LEARNING', 'OTHER']);
  const members = Object.entries(rest).map(([name, value]) => {
    if (name === 'CustomerMetadataProperties') return [name, without(value, (key) => NEW_METADATA.includes(key))];
    // Verification serves with what the package is registered with.
    if (name === 'Environment') return [name, without(value, (key) => key.startsWith('SERVING_'))];
    return [name, value];
  });
  return Object.fromEntries(members) as JsonObject;
}

function without(value: unknown, isNew: (key: string) => boolean): JsonObject {
  return Object.fromEntries(Object.entries(value as JsonObject).filter(([key]) => !isNew(key)));
}

/** The folder of the documents is named after their content, to which configuration.json came. */
function withoutContent<T>(planned: T): T {
  const text = JSON.stringify(planned);
  return JSON.parse(text.replace(/("documents",|documents\/)(")?[0-9a-f]{64}/g, '$1$2#')) as T;
}

test('an unchanged configuration gives the definition, fingerprints and places in S3 that version 1.0.0 gave', async () => {
  const plan = await examplePlan();
  const { pipeline } = plan;
  const found = {
    pipeline: { name: pipeline.name, description: pipeline.description, role: pipeline.roleArn },
    definition: withoutNews(pipeline.definition),
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
    uploads: plan.uploads
      .map(({ what, target }) => ({ what, s3_uri: formatS3Uri(target) }))
      .filter(({ s3_uri: uri }) => !uri.endsWith('/configuration.json')),
    packaged_model: formatS3Uri(plan.packagedModel),
    package_report: formatS3Uri(plan.packageReport),
    payload: formatS3Uri(plan.payload),
    claims: formatS3Uri(plan.claims),
    execution_document: plan.executionDocument,
  };
  expect(withoutContent(found)).toEqual(withoutContent(recorded));
});
