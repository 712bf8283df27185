import type { Execution, Prepared } from '../apply/index.ts';
import { executionUrl, packageUrl } from '../aws/console-urls.ts';
import type { Comparison, PartsComparison } from '../compare/index.ts';
import { type Config, resolvedValues } from '../config/index.ts';
import type { Json, JsonObject } from '../core/json.ts';
import { formatS3Uri } from '../core/s3-uri.ts';
import { planDigest } from '../plan/identity.ts';
import { MODEL_STEP } from '../plan/steps/common.ts';
import type { Plan } from '../plan/types.ts';
import type { Check } from '../preflight/check.ts';
import type { RunReport } from './record.ts';

export type Outputs = Readonly<Record<string, string>>;

/** Outputs that are known before the wait. */
export function earlyOutputs({
  plan,
  prepared,
  execution,
  rehearsal,
}: {
  plan: Plan;
  prepared?: Prepared;
  execution?: Execution;
  /** Then no console shows it. */
  rehearsal?: boolean;
}): Outputs {
  const digest = planDigest(plan);
  return {
    ...(digest === undefined ? {} : { 'plan-digest': digest }),
    ...(plan.unknown.length > 0 ? {} : { fingerprint: plan.fingerprint, 'payload-s3-uri': formatS3Uri(plan.payload) }),
    ...(prepared === undefined ? {} : { 'pipeline-arn': prepared.pipelineArn, 'pipeline-change': prepared.change }),
    ...(execution === undefined
      ? {}
      : {
          'pipeline-execution-arn': execution.arn,
          ...(rehearsal === true ? {} : { 'console-url': executionUrl(execution.arn) }),
        }),
  };
}

/** Every output of a finished run; what is not known is not set. */
export function finalOutputs(result: RunReport): Outputs {
  const { packages, plan } = result;
  const byRegion = <T>(value: (entry: RunReport['packages'][number]) => T) =>
    JSON.stringify(Object.fromEntries(packages.map((entry) => [entry.region, value(entry)])));
  const model = result.steps.find(({ name }) => name === MODEL_STEP)?.modelName;
  return {
    ...(plan === undefined ? {} : earlyOutputs({ plan, ...pick(result) })),
    status: result.status,
    'model-package-arns': byRegion(({ arn }) => arn),
    'model-package-arn': packages[0]?.arn ?? '',
    'model-packages': JSON.stringify(
      packages.map(({ region, awsRegion, arn, group, version }) => ({
        region,
        aws_region: awsRegion,
        arn,
        group,
        version,
      })),
    ),
    'model-package-versions': byRegion(({ group, version }) => ({ group, version })),
    'model-name': model ?? '',
    'packaged-model-s3-uri': plan !== undefined && packages.length > 0 ? formatS3Uri(plan.packagedModel) : '',
    'package-sha256': result.packageReport?.sha256 ?? result.approvals?.[0]?.package.metadata['package_sha256'] ?? '',
    ...(result.loadTest === undefined ? {} : { 'load-test': JSON.stringify(result.loadTest) }),
    ...packagePage(result),
    ...(result.status === 'reused' ? { 'pipeline-change': 'none' } : {}),
  };
}

/** Where no execution has a page, the package has one. */
function packagePage({ execution, packages, rehearsal }: RunReport): Outputs {
  const first = packages.find(({ confirmed }) => confirmed);
  if (execution !== undefined || first === undefined || rehearsal === true) return {};
  return { 'console-url': packageUrl(first.awsRegion, first.group, first.version) };
}

function pick({ prepared, execution, rehearsal = false }: RunReport) {
  return {
    rehearsal,
    ...(prepared === undefined ? {} : { prepared }),
    ...(execution === undefined ? {} : { execution }),
  };
}

function partsJson({ sources, fields }: PartsComparison): Json {
  return {
    sources: sources.map(({ what, old = null, new: present = null }) => ({ what, old, new: present })),
    fields: fields === undefined ? null : fields.map((change) => ({ ...change })),
  };
}

/** What is known when the file is written; a deployment knows its comparison only after the preparations. */
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
    digest: planDigest(plan) ?? null,
    fingerprint: plan.unknown.length > 0 ? null : plan.fingerprint,
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
    parts: comparison?.parts === undefined ? null : partsJson(comparison.parts),
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
