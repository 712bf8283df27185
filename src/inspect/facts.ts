import { seen } from '../core/result.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Facts, Packager, Registrar, Request } from '../plan/types.ts';
import { modelIdentity, type Sightings } from './index.ts';

const NOTHING: Packager & Registrar = { kind: 'built-in', entryPoint: '', tree: [] };

/**
 * What planning needs of what was seen. What was not gets a stand-in, so that a plan can be shown and every check made;
 * only a plan of facts is carried out.
 */
export function factsOf(sights: Sightings, { model }: Inputs, { roleArn }: Request): Facts {
  const found = seen(sights.model);
  return {
    // A role is passed within its account: the pipeline's role tells the account where the credentials do not.
    accountId: seen(sights.identity)?.accountId ?? accountOf(roleArn),
    model: {
      uri: model.uri,
      sizeBytes: found?.info.sizeBytes ?? 0,
      identity: found === undefined ? 'unknown' : modelIdentity(found.info),
    },
    inferenceCode: seen(sights.inferenceCode) ?? [],
    packager: seen(sights.packager) ?? NOTHING,
    registrar: seen(sights.registrar) ?? NOTHING,
    unseen: [
      ...(found === undefined ? (['the model'] as const) : []),
      ...(sights.inferenceCode.kind === 'unseen' ? (['the inference code'] as const) : []),
      ...(sights.packager.kind === 'unseen' ? (['the packager'] as const) : []),
      ...(sights.registrar.kind === 'unseen' ? (['the registration script'] as const) : []),
    ],
  };
}

export function accountOf(arn: string): string {
  return arn.split(':')[4] ?? '';
}
