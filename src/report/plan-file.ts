import { formatS3Uri } from '../aws/s3-uri.ts';
import { resolvedValues, type Config } from '../config/index.ts';
import type { JsonObject } from '../json.ts';
import type { Plan } from '../plan/types.ts';

/** What stands in the file that the output `plan-path` names. */
export function planFile(config: Config, plan: Plan): JsonObject {
  return {
    config: resolvedValues(config),
    pipeline: { name: plan.pipeline.name, role: plan.pipeline.roleArn, tags: plan.pipeline.tags },
    definition: plan.pipeline.definition,
    parameters: plan.parameters,
    uploads: plan.uploads.map(({ what, target, sizeBytes }) => ({
      what,
      s3_uri: formatS3Uri(target),
      size_bytes: sizeBytes,
    })),
    execution_document: plan.executionDocument,
    fingerprint: plan.fingerprint,
    registrations: plan.registrations.map(({ region, fingerprint, group }) => ({ region, fingerprint, group })),
    warnings: plan.warnings,
  };
}
