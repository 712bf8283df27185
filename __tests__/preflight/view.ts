import { DeployError, type ErrorCode } from '../../src/core/errors.ts';
import type { Sighting } from '../../src/core/result.ts';
import { type Inputs, readInputs } from '../../src/inputs/index.ts';
import type { ArchiveMember, ArchiveSight } from '../../src/inspect/archive.ts';
import type { Sightings } from '../../src/inspect/index.ts';
import type { Plan, Request } from '../../src/plan/types.ts';
import { type Check, preflight, type View } from '../../src/preflight/index.ts';
import { exampleConfig, examplePlan, FACTS, REQUEST } from '../plan/fixture.ts';

export const MODEL_URI = FACTS.model.uri;
const BUCKET = 'bsm-models-123456789012';

export const saw = <T>(value: T): Sighting<T> => ({ kind: 'seen', value });
export const unseen = (code: ErrorCode, message = 'said AWS.'): { kind: 'unseen'; error: DeployError } => ({
  kind: 'unseen',
  error: new DeployError(code, message, { advice: 'Do this.' }),
});

export function member(name: string, more: Partial<ArchiveMember> = {}): ArchiveMember {
  return { name, type: 'file', sizeBytes: 1000, link: undefined, ...more };
}

export function archive(members: readonly ArchiveMember[], more: Partial<ArchiveSight> = {}): ArchiveSight {
  const listing = { kind: 'gzip tar', members, complete: true, readBytes: 1000, inflatedBytes: 1000 } as const;
  return { ...listing, ...more } as ArchiveSight;
}

export function model(sight: ArchiveSight | Sighting<ArchiveSight>, sizeBytes = 100_000): Sightings['model'] {
  const look = sight.kind === 'seen' || sight.kind === 'unseen' ? sight : saw(sight);
  return saw({ info: { sizeBytes, etag: 'abc', versionId: undefined }, archive: look });
}

/** Everything as it should be. */
const SIGHTS: Sightings = {
  identity: saw({ accountId: '123456789012', arn: 'arn:aws:sts::123456789012:assumed-role/deployer/session' }),
  buckets: [{ bucket: BUCKET, named: 'base.bucket of the configuration', region: saw('us-east-1') }],
  model: model(archive([member('model.pth')])),
  inferenceCode: saw(FACTS.inferenceCode),
  handler: saw('def model_fn(model_dir):\n    return None\n'),
  packager: saw(FACTS.packager),
  registrar: saw(FACTS.registrar),
};

export interface Case {
  readonly sights?: Partial<Sightings>;
  readonly config?: Parameters<typeof exampleConfig>[0];
  readonly request?: Partial<Request>;
  readonly mode?: Inputs['mode'];
  readonly plan?: Sighting<Plan>;
}

export async function viewOf({ sights, config, request, mode = 'deploy', plan }: Case): Promise<View> {
  const values: Record<string, string> = { 'config-path': 'config.json', 'model-s3-path': MODEL_URI, mode };
  const made = exampleConfig({ package: { processing_volume_size: 10 }, ...config });
  return {
    config: made,
    inputs: readInputs((name) => values[name] ?? ''),
    request: { ...REQUEST, ...request },
    sights: { ...SIGHTS, ...sights },
    plan: plan ?? saw(await examplePlan({ config: made, request: request ?? {} })),
  };
}

/** The checks of a case by name. */
export async function checksOf(situation: Case): Promise<ReadonlyMap<string, Check>> {
  return new Map(preflight(await viewOf(situation)).map((check) => [check.name, check]));
}
