import { readConfig, type Config } from '../../src/config/index.ts';
import { buildPlan } from '../../src/plan/plan.ts';
import type { Facts, Plan, Request } from '../../src/plan/types.ts';

export const ROLE = 'arn:aws:iam::123456789012:role/bsm-pipeline';

type Section = Readonly<Record<string, unknown>>;

/** A small valid configuration in the sections layout; fields can be added and replaced by section. */
export function exampleConfig(more: Readonly<Record<string, Section>> = {}): Config {
  const sections: Record<string, Section> = {
    base: {
      bucket: 'bsm-models-123456789012',
      author: 'bsm-team',
      source_dir: 'scripts',
      role: ROLE,
      pipeline_version: '1.3.0',
      ...more['base'],
    },
    model: { ...more['model'] },
    package: { ...more['package'] },
    registration: {
      model_owner: 'bsm-team',
      model_registration_objective: 'RnR_Abuse_Detection',
      source_model_inference_content_types: ['text/csv', 'application/json'],
      source_model_inference_input_variable_list: { dialogue: 'TEXT', order_value: 'NUMERIC' },
      ...more['registration'],
    },
    payload: { special_field_values: { dialogue: 'Where is my parcel? {timestamp}' }, ...more['payload'] },
  };
  const kind = (path: string) => (path === 'scripts' ? 'folder' : path === 'scripts/inference.py' ? 'file' : 'missing');
  const result = readConfig(
    { text: JSON.stringify(sections), path: 'config.json' },
    { files: { kind, list: () => [] }, today: '2026-11-23' },
  );
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('\n'));
  return result.config;
}

export const FACTS: Facts = {
  accountId: '123456789012',
  model: {
    uri: 's3://bsm-models-123456789012/releases/1.3.0/model.tar.gz',
    sizeBytes: 100_000,
    identity: '0123456789abcdef0123456789abcdef-100000',
  },
  inferenceCode: [file('inference.py', 'a')],
  packager: { kind: 'built-in', entryPoint: 'package_model.py', tree: [file('package_model.py', 'b')] },
  registrar: { kind: 'built-in', entryPoint: 'register_model.py', tree: [file('register_model.py', 'c')] },
  unknown: [],
};

export const REQUEST: Request = {
  regions: ['NA'],
  roleArn: ROLE,
  approvalStatus: 'PendingManualApproval',
  parameters: {},
  tags: {},
  provenance: {
    commit: '1234567890abcdef1234567890abcdef12345678',
    ref: 'refs/tags/v1.3.0',
    runUrl: 'https://github.com/org/models/actions/runs/1/attempts/1',
    repository: 'https://github.com/org/models',
  },
  documentTemplate: undefined,
  nowMs: Date.UTC(2026, 10, 23, 4, 26, 54),
};

export function examplePlan(
  change: { config?: Config; facts?: Partial<Facts>; request?: Partial<Request> } = {},
): Promise<Plan> {
  return buildPlan(change.config ?? exampleConfig(), { ...FACTS, ...change.facts }, { ...REQUEST, ...change.request });
}

export function file(path: string, digit: string) {
  return { path, sizeBytes: 10, digest: digit.repeat(64), origin: { kind: 'file', path: `/work/${path}` } } as const;
}
