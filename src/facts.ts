import type { Sightings } from './gather.ts';
import { modelIdentity } from './gather.ts';
import type { Inputs } from './inputs.ts';
import type { Facts, Packager, Plan, Registrar, Request } from './plan/types.ts';
import { seen } from './sighting.ts';

/** Stands for the identity of a model that could not be looked at: what is planned with it is not what will be. */
const UNKNOWN_MODEL = 'unknown';

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
      identity: found === undefined ? UNKNOWN_MODEL : modelIdentity(found.info),
    },
    inferenceCode: seen(sights.inferenceCode) ?? [],
    packager: seen(sights.packager) ?? NOTHING,
    registrar: seen(sights.registrar) ?? NOTHING,
  };
}

export function accountOf(arn: string): string {
  return arn.split(':')[4] ?? '';
}

/** Planned without having seen the model: fingerprints, keys and what is registered are not what they will be. */
export function isProvisional({ parameters }: Pick<Plan, 'parameters'>): boolean {
  return parameters['ModelIdentity'] === UNKNOWN_MODEL;
}
