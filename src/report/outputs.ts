import type { Execution, Prepared } from '../apply/index.ts';
import { executionUrl } from '../aws/console-urls.ts';
import { formatS3Uri } from '../aws/s3-uri.ts';
import { MODEL_STEP } from '../plan/steps/model.ts';
import type { Plan } from '../plan/types.ts';
import type { Result } from './record.ts';

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
  return {
    ...(plan.unseen.length > 0 ? {} : { fingerprint: plan.fingerprint, 'payload-s3-uri': formatS3Uri(plan.payload) }),
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
export function finalOutputs(result: Result): Outputs {
  const { packages, plan } = result;
  const byRegion = <T>(value: (entry: Result['packages'][number]) => T) =>
    JSON.stringify(Object.fromEntries(packages.map((entry) => [entry.region, value(entry)])));
  const model = result.steps.find(({ name }) => name === MODEL_STEP)?.modelArn;
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
    'model-name': model?.slice(model.lastIndexOf('/') + 1) ?? '',
    'packaged-model-s3-uri': plan !== undefined && packages.length > 0 ? formatS3Uri(plan.packagedModel) : '',
    'package-sha256': result.packageReport?.sha256 ?? '',
    ...(result.status === 'reused' ? { 'pipeline-change': 'none' } : {}),
  };
}

function pick({ prepared, execution, rehearsal = false }: Result) {
  return {
    rehearsal,
    ...(prepared === undefined ? {} : { prepared }),
    ...(execution === undefined ? {} : { execution }),
  };
}
