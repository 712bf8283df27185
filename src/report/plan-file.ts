import { formatS3Uri } from '../aws/s3-uri.ts';
import type { Comparison } from '../compare/types.ts';
import { type Config, resolvedValues } from '../config/index.ts';
import type { Json, JsonObject } from '../core/json.ts';
import type { Plan } from '../plan/types.ts';
import type { Check } from '../preflight/check.ts';

/** What is known when the file is written; a deployment knows its comparison only when it has looked. */
export interface PlanFile {
  readonly config: Config;
  readonly plan: Plan;
  readonly checks: readonly Check[];
  readonly comparison?: Pick<Comparison, 'change' | 'diff'> & Partial<Comparison>;
}

/** What stands in the file that the output `plan-path` names. `null`: not known. */
export function planFile({ config, plan, checks, comparison }: PlanFile): JsonObject {
  return {
    config: resolvedValues(config),
    pipeline: {
      name: plan.pipeline.name,
      description: plan.pipeline.description,
      role: plan.pipeline.roleArn,
      tags: plan.pipeline.tags,
    },
    definition: plan.pipeline.definition,
    parameters: plan.parameters,
    uploads: plan.uploads.map((upload) => ({
      what: upload.what,
      s3_uri: formatS3Uri(upload.target),
      size_bytes: upload.sizeBytes,
      there: comparison?.uploads?.find((entry) => entry.upload === upload)?.there ?? null,
    })),
    execution_document: plan.executionDocument,
    fingerprint: plan.unseen.length > 0 ? null : plan.fingerprint,
    registrations: plan.registrations.map((registration) => {
      const { region, fingerprint, group } = registration;
      const found = comparison?.registrations?.find((entry) => entry.registration === registration);
      return { region, fingerprint, group, state: found?.state ?? 'unknown', arn: found?.arn ?? null };
    }),
    change: comparison?.change ?? null,
    diff: (comparison?.diff ?? []).map(({ type = null, part, kind, changes }) => ({
      part,
      type,
      kind,
      changes: changes.map((change) => ({ ...change })),
    })),
    cost: (comparison?.jobs ?? []).map(
      (job): Json => ({
        step: job.step,
        instance_type: job.instanceType,
        instance_count: job.instanceCount,
        volume_gb: job.volumeGB,
        jobs_before: job.depth,
      }),
    ),
    preflight: checks.map(({ name, result, found, cost = null, fix = null }) => ({ name, result, found, cost, fix })),
    problems: comparison?.problems ?? [],
    warnings: plan.warnings,
  };
}
