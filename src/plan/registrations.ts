import { AWS_REGIONS, type RegionCode } from '../core/regions.ts';
import { modelEnvironment } from './environment.ts';
import { fingerprintOf, treeDigest } from './fingerprint.ts';
import { payloadTemplates } from './payloads.ts';
import { regionBucket } from './region-buckets.ts';
import type { Resolved } from './resolved.ts';
import type { Registration } from './types.ts';

/** One registration per region asked for, in that order. */
export function planRegistrations(resolved: Resolved): readonly Registration[] {
  return resolved.request.regions.map((region) => {
    const fingerprint = registrationFingerprint(resolved, region);
    return {
      region,
      kind: registrationKind(resolved, region),
      stepName: registrationStepName(region),
      answers: resolved.locations.at(registrationStepName(region)),
      fingerprint,
      group: resolved.config.base.model_package_group_name,
      record: resolved.locations.at('registered', `${fingerprint}.json`),
    };
  });
}

/** Natively only in the pipeline's own region; a team's own script runs in a job wherever it registers. */
function registrationKind({ facts }: Resolved, region: RegionCode): Registration['kind'] {
  if (facts.registrar.kind === 'own') return 'own';
  return region === 'NA' ? 'native' : 'job';
}

function registrationStepName(region: RegionCode): string {
  return `Registration_${region}`;
}

/**
 * Identity of one region's package: the archive and everything else that the registry holds of it. Dates, provenance,
 * approval, the sizes of jobs and the set of regions are not in it: adding a region does not register the others again.
 */
function registrationFingerprint(resolved: Resolved, region: RegionCode): string {
  const { config, facts, images, open, packageFingerprint } = resolved;
  const { registration } = config;
  return fingerprintOf({
    package: packageFingerprint,
    region,
    group: config.base.model_package_group_name,
    image: images.inference[region] ?? '',
    framework_version: config.base.framework_version,
    environment: modelEnvironment(config, AWS_REGIONS[region]),
    content_types: [...registration.source_model_inference_content_types],
    response_types: [...registration.source_model_inference_response_types],
    input: registration.source_model_inference_input_variable_list.map(({ name, type }) => [name, type]),
    output: registration.source_model_inference_output_variable_list.map(({ name, type }) => [name, type]),
    payload: payloadTemplates(config).map(({ name, text }) => [name, text]),
    owner: registration.model_owner,
    domain: registration.model_registration_domain,
    objective: registration.model_registration_objective,
    pipeline_version: config.base.pipeline_version,
    instance_type: open['InferenceInstanceType'] ?? '',
    bucket: regionBucket(resolved, region),
    ...(facts.registrar.kind === 'own'
      ? { registrar: treeDigest(facts.registrar.tree), registrar_entry_point: facts.registrar.entryPoint }
      : {}),
  });
}
