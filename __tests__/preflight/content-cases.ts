import { archive, member, model, saw, failedWith } from './view.ts';
import type { Row } from './world-cases.ts';

const holding = (names: readonly string[], more = {}) => ({
  inspection: {
    model: model(
      archive(
        names.map((name) => member(name)),
        more,
      ),
    ),
  },
});
const handler = (text: string, names: readonly string[], more = {}) => ({
  inspection: {
    handler: saw(text),
    model: model(
      archive(
        names.map((name) => member(name)),
        more,
      ),
    ),
  },
});
const volume = (sizeGB: number, modelGB: number, more = {}) => ({
  inspection: { model: model(archive([member('model.pth')], { complete: false, ...more }), modelGB * 1e9) },
  config: { package: { processing_volume_size: sizeGB } },
});

const FOREIGN_KEY = 'arn:aws:kms:eu-west-1:123456789012:key/0123abcd-0123-0123-0123-0123456789ab';
const VPC = { subnets: ['subnet-1'], security_group_ids: ['sg-1'] };

const source = (path: string) => ({ path, sizeBytes: 1, digest: '', origin: { kind: 'file', path } as const });

/** Code, disk, machines, and what regions need. */
export const CONTENT_CASES: readonly Row[] = [
  [
    'code/ in the archive',
    'model-code',
    holding(['model.pth', './code/inference.py']),
    'passed',
    /holds code\/ already/,
  ],
  [
    'no code/',
    'model-code',
    holding(['model.pth', 'codes/x']),
    'passed',
    /holds no code\/, as it should be: packages get it from source_dir/,
  ],
  [
    'code/ perhaps further on',
    'model-code',
    holding(['model.pth'], { complete: false }),
    'passed',
    /No code\/ in the first 1.0 KB/,
  ],
  ['a handler with model_fn', 'entry-point', {}, 'passed', 'inference.py defines model_fn'],
  [
    'a handler that no Python can read',
    'entry-point',
    { inspection: { handlerSyntaxError: { line: 17, message: 'invalid syntax', version: '3.12' } } },
    'failed',
    'Python 3.12 cannot read line 17 of inference.py: invalid syntax.',
  ],
  [
    'a handler that a newer Python may read',
    'entry-point',
    { inspection: { handlerSyntaxError: { line: 17, message: 'invalid syntax', version: '3.8' } } },
    'warning',
    /^Python 3\.8 cannot read line 17 of inference\.py: invalid syntax; the image's Python 3\.\d+ may/,
  ],
  [
    'a handler that is not there',
    'entry-point',
    { inspection: { inferenceCode: saw([]) } },
    'failed',
    'inference.py is not in scripts (model.inference_entry_point, base.source_dir).',
  ],
  [
    'no model_fn, model.pt',
    'entry-point',
    handler('', ['a.pth', './model.pt']),
    'suggestion',
    /the model is .\/model.pt, the serving toolkit loads it as TorchScript/,
  ],
  [
    'no model_fn, one .pth file',
    'entry-point',
    handler('', ['net.pth', 'sub/other.pth']),
    'suggestion',
    /the model is net.pth/,
  ],
  ['code without secrets', 'inference-code', {}, 'passed', /^\d+ files?, .* of scripts$/],
  [
    'code with secrets beside it',
    'inference-code',
    {
      inspection: {
        inferenceCode: saw(['inference.py', '.env', 'keys/a.PEM', '.aws/credentials', 'envs.py'].map(source)),
      },
    },
    'warning',
    'scripts holds .env, keys/a.PEM, .aws/credentials, which would be packaged with the code.',
  ],
  [
    'code that cannot be read',
    'inference-code',
    { inspection: { inferenceCode: failedWith('access-denied') } },
    'not-made',
    /see entry-point/,
  ],
  ['no model_fn, two .pth files', 'entry-point', handler('', ['a.pth', 'b.pth']), 'failed', /it holds a.pth, b.pth\./],
  ['no model_fn, no model file', 'entry-point', handler('', ['a.bin']), 'failed', /it holds none\./],
  [
    'no model_fn, no model file, no verification',
    'entry-point',
    { ...handler('', ['a.bin']), config: { package: { verify: false } } },
    'warning',
    /it holds none\./,
  ],
  [
    'no model_fn, listing cut',
    'entry-point',
    handler('', ['a.pth'], { complete: false }),
    'warning',
    /which was not read whole/,
  ],
  [
    'enough disk',
    'disk',
    volume(30, 5),
    'passed',
    'The packaging job has 30 GB of disk (package.processing_volume_size); about 15.0 GB are needed',
  ],
  ['too little disk for verification', 'disk', volume(30, 12), 'warning', /about 36.0 GB are needed/],
  [
    'too little disk for the archive',
    'disk',
    volume(30, 16),
    'failed',
    /the model archive and its package alone take 32.0 GB/,
  ],
  [
    'text that unpacks to ten times as much',
    'disk',
    volume(30, 3, { inflatedBytes: 10_000 }),
    'warning',
    /about 36.0 GB/,
  ],
  ['ten times too much disk', 'disk', volume(500, 0.1), 'suggestion', /about 300.0 MB are needed\./],
  ['published images', 'images', {}, 'passed', /^AWS publishes PyTorch 2.1.0 py310: pytorch-inference:2.1.0-cpu-py310/],
  ['a plan', 'plan', {}, 'passed', 'bsm-team-BSM-RnR-NA, a pipeline of 3 steps'],
  ['no plan', 'plan', { plan: failedWith('plan-invalid', 'No image.') }, 'failed', 'No image.'],
  ['no plan to take images from', 'images', { plan: failedWith('plan-invalid') }, 'not-made', /There is no plan/],
  [
    'known instance types',
    'instance-types',
    {},
    'passed',
    'ml.m5.large for endpoints, ml.m5.2xlarge for the packaging job',
  ],
  [
    'an overridden type for processing',
    'instance-types',
    { request: { parameters: { InferenceInstanceType: 'ml.t3.medium' } } },
    'failed',
    /ml.t3.medium \(input parameters, InferenceInstanceType\) is no instance type for endpoints/,
  ],
  [
    'an overridden type of an unknown family',
    'instance-types',
    { request: { parameters: { InferenceInstanceType: 'ml.m99.large' } } },
    'warning',
    /not known in November 2026/,
  ],
  [
    'a group by name',
    'groups',
    { request: { regions: ['NA', 'EU'] } },
    'passed',
    'bsm-team-BSM-RnR-NA in NA, EU; made where it is missing',
  ],
  [
    'a group of another region',
    'groups',
    {
      config: { base: { model_package_group_name: 'arn:aws:sagemaker:us-east-1:999999999999:model-package-group/g' } },
      request: { regions: ['NA', 'EU'] },
    },
    'failed',
    /is in us-east-1; EU \(eu-west-1\) cannot register into it/,
  ],
  [
    'a VPC and another region',
    'network',
    { config: { base: { subnets: ['subnet-1'], security_group_ids: ['sg-1'] } }, request: { regions: ['EU'] } },
    'passed',
    /registration in EU runs outside of the VPC/,
  ],
  [
    'a key of another region',
    'encryption',
    { config: { base: { kms_key: 'alias/a' } }, request: { parameters: { KMSEncryptionKey: FOREIGN_KEY } } },
    'failed',
    /is a key of eu-west-1; expected one of us-east-1/,
  ],
  [
    'a key that nothing is configured for',
    'encryption',
    { request: { parameters: { KMSEncryptionKey: FOREIGN_KEY } } },
    'passed',
    "The buckets' own encryption",
  ],
  [
    'an overridden subnet that is none',
    'network',
    { config: { base: VPC }, request: { parameters: { VPCEndpointSubnet: 'vpc-1' } } },
    'failed',
    /VPCEndpointSubnet is "vpc-1"; expected an id like subnet-/,
  ],
  [
    'an overridden security group that is none',
    'network',
    { config: { base: VPC }, request: { parameters: { SecurityGroupId: 'default' } } },
    'failed',
    /SecurityGroupId is "default"/,
  ],
  [
    'no key for another region',
    'encryption',
    { config: { base: { kms_key: 'alias/a' } }, request: { regions: ['NA', 'FE'] } },
    'suggestion',
    /cannot encrypt in FE \(us-west-2\)/,
  ],
];
