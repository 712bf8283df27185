import { describe, expect, test } from '@jest/globals';
import { checkInstance, inferenceImage, packagingImage, sklearnImage } from '../../src/images/index.ts';

const X86 = '763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference';
const GRAVITON = '763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference-graviton';
const asked = { frameworkVersion: '2.1.0', pyVersion: 'py310', instanceType: 'ml.m5.large', region: 'us-east-1' };
const PUBLISHED =
  'published: 1.12.0 py38, 1.12.1 py38, 1.13.1 py39, 2.0.0 py310, 2.0.1 py310, 2.1.0 py310, 2.2.0 py310, 2.3.0 py311, 2.4.0 py311, 2.5.1 py311, 2.6.0 py312';

describe('the inference image', () => {
  test.each([
    [{}, `${X86}:2.1.0-cpu-py310`],
    [{ frameworkVersion: '2.1' }, `${X86}:2.1-cpu-py310`],
    [{ frameworkVersion: '1.13', pyVersion: 'py39' }, `${X86}:1.13-cpu-py39`],
    [{ frameworkVersion: '2.6.0', pyVersion: 'py312' }, `${X86}:2.6.0-cpu-py312`],
    [{ instanceType: 'ml.g5.xlarge' }, `${X86}:2.1.0-gpu-py310`],
    [{ instanceType: 'ml.g4dn.xlarge' }, `${X86}:2.1.0-gpu-py310`],
    [{ instanceType: 'ml.p4d.24xlarge' }, `${X86}:2.1.0-gpu-py310`],
    [{ instanceType: 'ml.c6i.large' }, `${X86}:2.1.0-cpu-py310`],
    [{ instanceType: 'ml.m9z.large' }, `${X86}:2.1.0-cpu-py310`],
    ...['c6g', 'c7g', 'm6g', 'm7g', 'r6g', 't4g', 'c6gn', 'm8g'].map(
      (family) =>
        [{ instanceType: `ml.${family}.large` }, `${GRAVITON}:2.1.0-cpu-py310-ubuntu20.04-sagemaker`] as const,
    ),
    [
      { instanceType: 'ml.c7g.large', frameworkVersion: '2.4', pyVersion: 'py311' },
      `${GRAVITON}:2.4-cpu-py311-ubuntu22.04-sagemaker`,
    ],
    [{ region: 'eu-west-1' }, '763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference:2.1.0-cpu-py310'],
  ])('%j: %s', (more, uri) => {
    expect(inferenceImage({ ...asked, ...more })).toEqual({ ok: true, uri });
  });

  test.each([
    [
      { frameworkVersion: '2.7.0' },
      'version',
      `AWS publishes no PyTorch 2.7.0 py310 x86 inference image; ${PUBLISHED}`,
    ],
    [
      { frameworkVersion: '2.3', pyVersion: 'py310' },
      'python',
      'AWS publishes no PyTorch 2.3 py310 x86 inference image; 2.3 is published for py311 only: set py_version to py311',
    ],
    [
      { instanceType: 'ml.c6g.large', frameworkVersion: '1.13.1', pyVersion: 'py39' },
      'version',
      'AWS publishes no PyTorch 1.13.1 py39 Graviton inference image; published: 1.12.1 py38, 2.0.0 py310, 2.0.1 py310, 2.1.0 py310, 2.2.1 py310, 2.3.0 py311, 2.4.0 py311',
    ],
    [
      { region: 'us-east-2' },
      'region',
      'No pytorch image registry is known for region us-east-2; known: us-east-1, eu-west-1, us-west-2',
    ],
  ])('%j is told by its %s', (more, cause, problem) => {
    expect(inferenceImage({ ...asked, ...more })).toEqual({ ok: false, cause, problem });
  });

  test.each(['ml.inf1.xlarge', 'ml.inf2.xlarge', 'ml.trn1.2xlarge', 'ml.dl1.24xlarge', 'ml.p6e-gb200.36xlarge'])(
    'there is none for %s',
    (instanceType) => {
      expect(inferenceImage({ ...asked, instanceType })).toMatchObject({ ok: false, cause: 'instance' });
    },
  );
});

describe('the image of the built-in scripts', () => {
  test.each([
    ['2.1.0', 'py310', `${X86}:2.1.0-cpu-py310`],
    ['2.1', 'py310', `${X86}:2.1-cpu-py310`],
    ['2.2', 'py310', `${X86}:2.2-cpu-py310`],
    // Published for Graviton alone: the x86 image of the same minor version serves.
    ['2.2.1', 'py310', `${X86}:2.2.0-cpu-py310`],
  ])('of %s %s is %s', (frameworkVersion, pyVersion, uri) => {
    expect(packagingImage({ frameworkVersion, pyVersion, region: 'us-east-1' })).toEqual({ ok: true, uri });
  });

  test('is missing where AWS has neither', () => {
    expect(packagingImage({ frameworkVersion: '2.2.2', pyVersion: 'py310', region: 'us-east-1' })).toEqual({
      ok: false,
      cause: 'version',
      problem: `AWS publishes no PyTorch 2.2.2 py310 x86 inference image; ${PUBLISHED}`,
    });
  });
});

describe("the image of a team's own packaging script", () => {
  test.each([
    ['0.23-1', 'us-east-1', '683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:0.23-1-cpu-py3'],
    ['0.20.0-1', 'us-east-1', '683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:0.20.0-cpu-py3'],
    ['1.2-1', 'eu-west-1', '141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3'],
    ['1.0-1', 'us-west-2', '246618743249.dkr.ecr.us-west-2.amazonaws.com/sagemaker-scikit-learn:1.0-1-cpu-py3'],
  ])('of %s in %s is %s', (version, region, uri) => {
    expect(sklearnImage({ version, region })).toEqual({ ok: true, uri });
  });

  test('is missing for another version', () => {
    expect(sklearnImage({ version: '1.4-2', region: 'us-east-1' })).toEqual({
      ok: false,
      cause: 'version',
      problem: 'AWS publishes no scikit-learn 1.4-2 processing image; published: 0.20.0-1, 0.23-1, 1.0-1, 1.2-1',
    });
  });
});

describe('instance types', () => {
  test.each([
    ['ml.m5.large', 'endpoint', 'known'],
    ['ml.m5.8xlarge', 'endpoint', 'refused'],
    ['ml.t3.medium', 'endpoint', 'refused'],
    ['ml.t3.medium', 'processing', 'known'],
    ['ml.m6g.large', 'processing', 'refused'],
    ['ml.m9z.large', 'endpoint', 'unknown'],
    ['ml.constructor.large', 'processing', 'unknown'],
  ] as const)('%s for %s is %s', (instanceType, use, is) => {
    expect(checkInstance(instanceType, use)).toMatchObject({ is });
  });
});
