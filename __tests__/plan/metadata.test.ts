import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { asDeployError } from '../../src/core/errors.ts';
import { descriptionText, metadataValue } from '../../src/plan/model-package.ts';
import { exampleConfig, examplePlan } from './fixture.ts';

describe('metadataValue', () => {
  test.each([
    ['', 'none'],
    ['   ', 'none'],
    ['v1.0 äß消', 'v1.0 äß消'],
    ['a#b&c<d>|e', 'a_b_c_d__e'],
    ['a\nb\u0000', 'a_b_'],
    ['x'.repeat(256), 'x'.repeat(256)],
    ['x'.repeat(257), `${'x'.repeat(253)}...`],
  ])('makes %j fit', (given, expected) => {
    expect(metadataValue(given)).toBe(expected);
  });

  test('gives what the registry takes, whatever is given', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 600 }),
      fc.string({ unit: 'grapheme', maxLength: 600 }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(metadataValue(text)).toMatch(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,256}$/u);
        expect(metadataValue(text).length).toBeLessThanOrEqual(256);
      }),
    );
  });
});

describe('descriptionText', () => {
  test('cuts with a mark and replaces what a description cannot hold', () => {
    expect(descriptionText('a\u0007b', 10)).toBe('a b');
    expect(descriptionText('x'.repeat(11), 10)).toBe('xxxxxxx...');
  });
});

describe('a plan at its limits', () => {
  const bucket = 's3://bsm-models-123456789012/';
  const planAt = (length: number, regions: readonly ('NA' | 'EU')[]) => {
    const base = { pipeline_s3_loc: bucket + 'x'.repeat(length - bucket.length) };
    return examplePlan({ config: exampleConfig({ base }), request: { regions } });
  };

  test('leaves out of the metadata what is too long for it, with a warning, and goes on', async () => {
    const plan = await planAt(200, ['NA']);
    expect(JSON.stringify(plan.pipeline.definition)).not.toContain('execution_document_s3_uri');
    expect(plan.warnings.join()).toContain('256');
  });

  test('is refused where the registration job could not be told where the package lies', async () => {
    // 256 characters for an environment value, less /package/, a fingerprint and /model.tar.gz.
    const longest = 256 - '/package/'.length - 64 - '/model.tar.gz'.length;
    await expect(planAt(longest, ['NA', 'EU'])).resolves.toBeDefined();
    expect(await planAt(longest + 1, ['NA', 'EU']).catch(asDeployError)).toMatchObject({ code: 'plan-invalid' });
    await expect(planAt(longest + 1, ['NA'])).resolves.toBeDefined();
  });

  test('has at most 16 environment entries, and leaves room for what is added after the run', async () => {
    const plan = await examplePlan();
    const [, , register] = plan.pipeline.definition['Steps'] as unknown as { Arguments: RegisterArguments }[];
    expect(Object.keys(register?.Arguments.CustomerMetadataProperties ?? {}).length).toBeLessThanOrEqual(46);
    const environment = register?.Arguments.InferenceSpecification.Containers[0]?.Environment;
    expect(Object.keys(environment ?? {}).length).toBeLessThanOrEqual(16);
  });
});

interface RegisterArguments {
  readonly CustomerMetadataProperties: object;
  readonly InferenceSpecification: { readonly Containers: readonly { readonly Environment: object }[] };
}
