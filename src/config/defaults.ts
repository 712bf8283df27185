import { createHash } from 'node:crypto';
import { AWS_REGIONS } from '../core/regions.ts';
import type { Draft } from './resolve.ts';
import type { SectionValues } from './sections.ts';

/** Longest name of a model package group that the registry takes. */
const GROUP_NAME_LENGTH = 63;
/** Hexadecimal digits that tell two cut names apart. */
const HASH_LENGTH = 8;

/**
 * Fills in the defaults that are made of other fields, in the order in which they depend on each other. Where a field
 * that one is made of is wrong, it stays open: that field's own problem is reported already.
 */
export function deriveDefaults(draft: Draft, today: string): void {
  const { base } = draft;
  base.current_date ??= today;
  // An empty list says the same as none.
  if (base.subnets?.length === 0) base.subnets = null;
  if (base.security_group_ids?.length === 0) base.security_group_ids = null;
  if (base.region !== undefined) {
    base.aws_region ??= AWS_REGIONS[base.region];
    base.pipeline_description ??= `BSM RnR ${base.region}`;
    if (base.author !== undefined) base.pipeline_name ??= `${base.author}-BSM-RnR-${base.region}`;
  }
  deriveNames(draft);
}

function deriveNames({ base, registration, payload }: Draft): void {
  const { bucket, pipeline_name: name, pipeline_version: version } = base;
  if (name !== undefined) base.model_package_group_name ??= groupName(name);
  if (name === undefined || version === undefined) return;
  if (bucket !== undefined) base.pipeline_s3_loc ??= `s3://${bucket}/MODS/${name}_${version}`;
  const objective = registration.model_registration_objective;
  if (objective !== undefined)
    payload.sample_payload_s3_key ??= `mods/payload/payload_${name}_${version}_${objective}.tar.gz`;
}

/** A pipeline's name where it fits; a longer one is cut and ended with a hash of the whole. */
function groupName(pipelineName: SectionValues['base']['pipeline_name']): string {
  if (pipelineName.length <= GROUP_NAME_LENGTH) return pipelineName;
  const hash = createHash('sha256').update(pipelineName).digest('hex').slice(0, HASH_LENGTH);
  const kept = pipelineName.slice(0, GROUP_NAME_LENGTH - HASH_LENGTH - 1).replace(/-+$/, '');
  return `${kept}-${hash}`;
}
