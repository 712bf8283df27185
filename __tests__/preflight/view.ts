import { DeployError, type ErrorCode, type Result } from '../../src/core/errors.ts';
import { type Inputs, readInputs } from '../../src/inputs/index.ts';
import type { ArchiveListing, ArchiveMember } from '../../src/inspect/archive.ts';
import type { Inspection } from '../../src/inspect/index.ts';
import type { Plan, Request } from '../../src/plan/types.ts';
import { type Check, type CheckInput, preflight } from '../../src/preflight/index.ts';
import { exampleConfig, examplePlan, FACTS, REQUEST } from '../plan/fixture.ts';

export const MODEL_URI = FACTS.model.uri;
const BUCKET = 'bsm-models-123456789012';

export const saw = <T>(value: T): Result<T> => ({ ok: true, value });
export const failedWith = (code: ErrorCode, message = 'said AWS.'): { ok: false; error: DeployError } => ({
  ok: false,
  error: new DeployError(code, message, { advice: 'Do this.' }),
});

export function member(name: string, more: Partial<ArchiveMember> = {}): ArchiveMember {
  return { name, type: 'file', sizeBytes: 1000, link: undefined, ...more };
}

export function archive(members: readonly ArchiveMember[], more: Partial<ArchiveListing> = {}): ArchiveListing {
  const listing = { kind: 'gzip tar', members, complete: true, readBytes: 1000, inflatedBytes: 1000 } as const;
  return { ...listing, ...more } as ArchiveListing;
}

export function model(listing: ArchiveListing | Result<ArchiveListing>, sizeBytes = 100_000): Inspection['model'] {
  const found = 'ok' in listing ? listing : saw(listing);
  return saw({ info: { sizeBytes, etag: 'abc', versionId: undefined }, archive: found });
}

/** Everything as it should be. */
const INSPECTION: Inspection = {
  identity: saw({ accountId: '123456789012', arn: 'arn:aws:sts::123456789012:assumed-role/deployer/session' }),
  buckets: [{ bucket: BUCKET, named: 'base.bucket of the configuration', region: saw('us-east-1') }],
  model: model(archive([member('model.pth')])),
  inferenceCode: saw(FACTS.inferenceCode),
  handler: saw('def model_fn(model_dir):\n    return None\n'),
  packager: saw(FACTS.packager),
  registrar: saw(FACTS.registrar),
};

export interface Case {
  readonly inspection?: Partial<Inspection>;
  readonly config?: Parameters<typeof exampleConfig>[0];
  readonly request?: Partial<Request>;
  readonly mode?: Inputs['mode'];
  readonly plan?: Result<Plan>;
}

export async function viewOf({ inspection, config, request, mode = 'deploy', plan }: Case): Promise<CheckInput> {
  const values: Record<string, string> = { 'config-path': 'config.json', 'model-s3-path': MODEL_URI, mode };
  const made = exampleConfig({ package: { processing_volume_size: 10 }, ...config });
  return {
    config: made,
    inputs: readInputs((name) => values[name] ?? ''),
    request: { ...REQUEST, ...request },
    inspection: { ...INSPECTION, ...inspection },
    plan: plan ?? saw(await examplePlan({ config: made, request: request ?? {} })),
  };
}

/** The checks of a case by name. */
export async function checksOf(situation: Case): Promise<ReadonlyMap<string, Check>> {
  return new Map(preflight(await viewOf(situation)).map((check) => [check.name, check]));
}
