import type { Config, Variable } from '../config/index.ts';
import type { JsonObject } from '../core/json.ts';
import { AWS_REGIONS, type RegionCode } from '../core/regions.ts';
import { formatS3Uri } from '../core/s3-uri.ts';
import { fingerprintOf, regionBucket, treeDigest } from './locations.ts';
import { packageTask } from './model-package.ts';
import { modelEnvironment, PROVENANCE_PARAMETERS } from './parameters.ts';
import { payloadTemplates } from './payloads.ts';
import type { Facts, PackageParts, Plan, PlanImages, ResolvedRequest } from './types.ts';

/** Everything that decides the archive's bytes. */
export function fingerprintPackage(config: Config, facts: Facts, images: PlanImages): string {
  const own = facts.packager.kind === 'own';
  return fingerprintOf({
    model: facts.model.identity,
    code: treeDigest(facts.inferenceCode),
    packager: treeDigest(facts.packager.tree),
    packager_entry_point: facts.packager.entryPoint,
    inference_entry_point: config.model.inference_entry_point,
    // A team's own script may do anything with its arguments and its image; ours depends on neither.
    ...(own ? { arguments: [...(config.package.processing_script_arguments ?? [])], image: images.packaging } : {}),
  });
}

/**
 * Identity of one region's package: the archive and everything else that the registry holds of it. Dates, provenance,
 * approval, the sizes of jobs and the set of regions are not in it: adding a region does not register the others again.
 */
export function registrationFingerprint(resolved: ResolvedRequest, region: RegionCode): string {
  const { config, packageFingerprint } = resolved;
  const { registration } = config;
  return fingerprintOf({
    package: packageFingerprint,
    region,
    ...registeredValues(resolved, region),
    input: registration.source_model_inference_input_variable_list.map(({ name, type }) => [name, type]),
    output: registration.source_model_inference_output_variable_list.map(({ name, type }) => [name, type]),
    payload: payloadTemplates(config).map(({ name, text }) => [name, text]),
  });
}

function registeredValues(resolved: ResolvedRequest, region: RegionCode): JsonObject {
  const { config, facts, images, open } = resolved;
  const { registration } = config;
  return {
    group: config.base.model_package_group_name,
    image: images.inference[region] ?? '',
    framework_version: config.base.framework_version,
    environment: modelEnvironment(config, AWS_REGIONS[region]),
    content_types: [...registration.source_model_inference_content_types],
    response_types: [...registration.source_model_inference_response_types],
    owner: registration.model_owner,
    domain: registration.model_registration_domain,
    objective: registration.model_registration_objective,
    pipeline_version: config.base.pipeline_version,
    instance_type: open['InferenceInstanceType'] ?? '',
    ...taskIdentity(config),
    bucket: regionBucket(resolved, region),
    ...(facts.registrar.kind === 'own'
      ? { registrar: treeDigest(facts.registrar.tree), registrar_entry_point: facts.registrar.entryPoint }
      : {}),
  };
}

/** The defaults are not in it: what was registered before there was a choice stays what it is. */
function taskIdentity(config: Config): JsonObject {
  const { Domain, Task } = packageTask(config);
  return {
    ...(Domain === 'MACHINE_LEARNING' ? {} : { package_domain: Domain }),
    ...(Task === 'OTHER' ? {} : { package_task: Task }),
  };
}

/**
 * What of a package is neither model nor code nor packager, by field. With these three it decides the registration
 * fingerprint: two packages with equal parts are the same.
 */
export function registeredConfiguration(resolved: ResolvedRequest, region: RegionCode): JsonObject {
  const { config, facts, images } = resolved;
  const { registration } = config;
  const own = facts.packager.kind === 'own';
  return {
    ...registeredValues(resolved, region),
    ...variables('input', registration.source_model_inference_input_variable_list),
    ...variables('output', registration.source_model_inference_output_variable_list),
    sample_payloads: Object.fromEntries(payloadTemplates(config).map(({ name, text }) => [name, text])),
    inference_entry_point: config.model.inference_entry_point,
    packager_entry_point: facts.packager.entryPoint,
    ...(own
      ? {
          packager_arguments: [...(config.package.processing_script_arguments ?? [])],
          packager_image: images.packaging,
        }
      : {}),
  };
}

/** By name, so that a change of one shows as that; their order decides, too. */
function variables(which: 'input' | 'output', list: readonly Variable[]): JsonObject {
  return {
    [which]: Object.fromEntries(list.map(({ name, type }) => [name, type])),
    [`${which}_order`]: list.map(({ name }) => name),
  };
}

/** What a package is made of, part by part: says what differs where two are not the same. */
export function packageParts(resolved: ResolvedRequest, region: RegionCode): PackageParts {
  const { facts } = resolved;
  return {
    model: facts.model.identity,
    code: treeDigest(facts.inferenceCode),
    packager: treeDigest(facts.packager.tree),
    configuration: fingerprintOf(registeredConfiguration(resolved, region)),
  };
}

/**
 * Hex SHA-256 over what a deployment would do: what is reviewed in a plan, and bound to by its digest. Not in it: dates,
 * runs and commits, and what is there already, so that a plan and the deployment of the same sources agree. undefined
 * where the plan stands on something that could not be read.
 */
export function planDigest(plan: Plan): string | undefined {
  if (plan.unknown.length > 0) return undefined;
  const { pipeline } = plan;
  const parameters = Object.entries(plan.parameters).filter(([name]) => !PROVENANCE_PARAMETERS.includes(name));
  return fingerprintOf({
    pipeline: {
      name: pipeline.name,
      description: pipeline.description,
      role: pipeline.roleArn,
      tags: pipeline.tags,
      definition: pipeline.definition,
    },
    parameters: Object.fromEntries(parameters),
    // Keys name their content.
    content: plan.uploads.map(({ target }) => formatS3Uri(target)).toSorted(),
    // Of what is put there the dates are a part; the templates are in the keys.
    aliases: plan.aliases.map(({ to }) => formatS3Uri(to)),
    registrations: plan.registrations.map(({ region, kind, group, fingerprint }) => ({
      region,
      kind,
      group,
      fingerprint,
    })),
    approval_status: plan.approvalStatus,
  });
}
