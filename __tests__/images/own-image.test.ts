import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/core/json.ts';
import { problems, read, sections } from '../config/support.ts';
import { exampleConfig, examplePlan } from '../plan/fixture.ts';
import { checksOf } from '../preflight/view.ts';

const ALL = '210987654321.dkr.ecr.{region}.amazonaws.com/serving/torch:2.9.1-cpu';
const inRegion = (region: string) => ALL.replace('{region}', region);
const NA = inRegion('us-east-1');
const EU = inRegion('eu-west-1');
const withImage = (image: unknown, more: object = {}) => exampleConfig({ model: { inference_image: image }, ...more });
const BASE = { framework_version: '2.9.1', py_version: 'py313' };

describe('an image of one’s own', () => {
  test.each([
    ['a text for all regions', ALL],
    ['one by region', { NA, 'eu-west-1': EU }],
  ])('serves and verifies in every region: %s', async (_form, image) => {
    const { pipeline, uploads } = await examplePlan({
      config: withImage(image, { base: BASE }),
      request: { regions: ['NA', 'EU'] },
    });
    const steps = new Map(
      (pipeline.definition['Steps'] as JsonObject[]).map((step) => [step['Name'], step['Arguments']]),
    );
    expect(steps.get('CreatePytorchModelStep')).toMatchObject({ PrimaryContainer: { Image: NA } });
    expect(steps.get('PackagingStep')).toMatchObject({ AppSpecification: { ImageUri: NA } });
    expect(steps.get('Registration_NA')).toMatchObject({
      InferenceSpecification: { Containers: [{ Image: NA, FrameworkVersion: '2.9.1' }] },
    });
    const texts = uploads.map(({ body }) => (body.kind === 'bytes' ? Buffer.from(body.bytes).toString() : ''));
    expect(texts.filter((text) => text.includes(EU))).not.toEqual([]);
    // The script that registers needs boto3, which AWS's own image has.
    expect(steps.get('Registration_EU')).toMatchObject({
      AppSpecification: { ImageUri: expect.stringMatching(/^763104351884\..*pytorch-inference:2\.6\.0-cpu-py312$/) },
    });
  });

  test('changes what is registered, and nothing where none is named', async () => {
    const [without, nulled, own] = await Promise.all(
      [exampleConfig(), withImage(null), withImage(ALL)].map((config) => examplePlan({ config })),
    );
    expect(nulled).toEqual(without);
    expect(own?.fingerprint).toBe(without?.fingerprint);
    expect(own?.registrations[0]?.fingerprint).not.toBe(without?.registrations[0]?.fingerprint);
  });

  test('must be there for every region that is registered', async () => {
    const planned = examplePlan({ config: withImage({ NA, EU }), request: { regions: ['NA', 'FE'] } });
    await expect(planned).rejects.toMatchObject({
      code: 'plan-invalid',
      message: 'model.inference_image names no image of us-west-2, where FE is to be registered.',
    });
  });

  test.each([
    [EU, /is an image of eu-west-1; expected one of us-east-1, where the pipeline runs/],
    [{ EU }, /names no image for NA; expected one of us-east-1/],
    [{ NA, FE: EU }, /inference_image\.FE is an image of eu-west-1; expected one of us-west-2/],
    ['docker.io/org/torch:1', /expected the URI of an ECR image with \{region\} in it/],
    [ALL.replace('{region}', '{area}'), /expected the URI of an ECR image/],
    [{ NA: ALL }, /expected the URI of an ECR image/],
    [7, /expected the URI of an ECR image/],
  ])('%j is refused, with what was expected', (image, message) => {
    expect(problems(read(sections({ model: { inference_image: image } })))).toEqual([expect.stringMatching(message)]);
  });

  test('is what the check of images shows', async () => {
    const check = (await checksOf({ config: { model: { inference_image: ALL } } })).get('images');
    expect([check?.result, check?.found]).toEqual([
      'passed',
      expect.stringMatching(/of your own .*serving\/torch:2\.9\.1/),
    ]);
  });
});
