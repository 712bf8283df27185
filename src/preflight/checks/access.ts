import { type ErrorCode, valueOf } from '../../core/errors.ts';
import { PIPELINE_REGION } from '../../core/regions.ts';
import { formatSize } from '../../core/text.ts';
import { accountOf, type InspectedBucket, modelIdentity } from '../../inspect/index.ts';
import { type Check, type CheckFunction, COSTS, failedBy, notMade } from '../check.ts';

/** Whose credentials the run has. A plan does without; everything else needs some. */
export const credentials: CheckFunction = ({ inputs, inspection: { identity } }) => {
  if (identity.ok) return { name: 'credentials', result: 'passed', found: identity.value.arn };
  return inputs.mode === 'plan' ? notMade('credentials', identity.error) : failedBy('credentials', identity.error);
};

const FIX =
  'Name a role of your own that SageMaker may assume and nobody else uses; docs/permissions.md shows its policies.';

/** Roles that are nobody's to pass: AWS's own, and those that people sign in with. */
const NO_EXECUTION_ROLES: readonly (readonly [RegExp, string])[] = [
  [/:role\/aws-service-role\//, 'a service-linked role, which AWS itself uses'],
  [/:role\/aws-reserved\/sso\.amazonaws\.com\//, 'a role that people sign in with (IAM Identity Center)'],
];

/** The role that the jobs run with: its shape, and that it is not the one that the workflow runs with. */
export const pipelineRole: CheckFunction = ({ config, inputs, request: { roleArn }, inspection }) => {
  const name = 'pipeline-role';
  if ((inputs.pipelineRoleArn ?? config.base.role ?? undefined) === undefined) {
    const found =
      'No role is named. A rehearsal takes none; a deployment needs the one that SageMaker runs the jobs with.';
    const fix = 'Name it as base.role or by the input pipeline-role-arn; docs/permissions.md shows its policies.';
    return { name, result: 'suggestion', found, fix };
  }
  const other = NO_EXECUTION_ROLES.find(([pattern]) => pattern.test(roleArn));
  if (other !== undefined) {
    const found = `${roleArn} is ${other[1]}; expected an execution role that trusts sagemaker.amazonaws.com.`;
    return { name, result: 'failed', found, cost: COSTS.start, fix: FIX };
  }
  const identity = valueOf(inspection.identity);
  if (identity === undefined) {
    return { name, result: 'passed', found: `${roleArn} looks like an execution role; not compared with credentials.` };
  }
  if (identity.accountId !== accountOf(roleArn)) {
    const found = `${roleArn} is a role of account ${accountOf(roleArn)}; the credentials are of account ${identity.accountId}, and a role can only be passed within its account.`;
    const fix = `Name a role of account ${identity.accountId}, or use credentials of account ${accountOf(roleArn)}.`;
    return { name, result: 'failed', found, cost: COSTS.start, fix };
  }
  return ownRole(roleArn, identity.arn) ?? { name, result: 'passed', found: roleArn };
};

/** It can be meant, where its trust policy names both; it is no good idea, and most often a mistake. */
function ownRole(roleArn: string, identityArn: string): Check | undefined {
  const assumed = /:assumed-role\/([^/]+)\//.exec(identityArn)?.[1];
  if (assumed === undefined || assumed !== roleArn.slice(roleArn.lastIndexOf('/') + 1)) return undefined;
  const found = `${roleArn} is the role that this workflow itself runs with. Where its trust policy does not name sagemaker.amazonaws.com, the pipeline cannot start.`;
  return { name: 'pipeline-role', result: 'warning', found, cost: COSTS.start, fix: FIX };
}

interface Trouble {
  readonly code: ErrorCode;
  readonly found: string;
  readonly fix: string;
}

/** Every bucket that jobs read or write is there, and in the pipeline's region. */
export const buckets: CheckFunction = ({ inspection }) => {
  const troubles = inspection.buckets.map(trouble).filter((found) => found !== undefined);
  const [first] = troubles;
  if (first !== undefined) {
    return {
      name: 'buckets',
      result: 'failed',
      found: troubles.map(({ found }) => found).join(' '),
      cost: COSTS.packaging,
      fix: first.fix,
      code: first.code,
    };
  }
  const unreadable = inspection.buckets.flatMap(({ region }) => (!region.ok ? [region.error] : []));
  if (unreadable[0] !== undefined) return notMade('buckets', unreadable[0]);
  const names = inspection.buckets.map(({ bucket }) => bucket).join(', ');
  const found = `${names} in ${PIPELINE_REGION}`;
  const foreign = inspection.buckets.filter((bucket) => bucket.foreign === true).map(({ bucket }) => bucket);
  if (foreign.length === 0) return { name: 'buckets', result: 'passed', found };
  return {
    name: 'buckets',
    result: 'suggestion',
    found: `${found}; ${foreign.join(', ')} not of the account of these credentials.`,
    fix: 'Where that is not meant, correct the name: a bucket that was deleted can be made again by anybody.',
  };
};

function trouble({ bucket, named, region }: InspectedBucket): Trouble | undefined {
  if (!region.ok || region.value === PIPELINE_REGION) return undefined;
  if (region.value === undefined) {
    return {
      code: 'bucket-missing',
      found: `The bucket ${bucket} (${named}) does not exist.`,
      fix: `Create it in ${PIPELINE_REGION}, or correct its name.`,
    };
  }
  return {
    code: 'bucket-region',
    found: `The bucket ${bucket} (${named}) is in ${region.value}; expected ${PIPELINE_REGION}, where the pipeline runs.`,
    fix: `Name a bucket of ${PIPELINE_REGION}.`,
  };
}

/** The model archive is there and not empty. */
export const model: CheckFunction = ({ inputs, inspection }) => {
  const uri = inputs.mode === 'rehearse' ? (inputs.model.file ?? inputs.model.uri) : inputs.model.uri;
  if (!inspection.model.ok) {
    const { error } = inspection.model;
    return error.code === 'object-archived' ? failedBy('model', error, COSTS.packaging) : notMade('model', error);
  }
  const found = inspection.model.value;
  if (found === undefined) {
    return missing(
      `There is no object ${uri} (input model-s3-path).`,
      'Upload the model archive first, or correct the path; without s3:ListBucket, a missing object looks forbidden.',
    );
  }
  if (found.info.isArchived === true) {
    return failedBy(
      'model',
      {
        code: 'object-archived',
        message: `${uri} is archived (storage class GLACIER or DEEP_ARCHIVE): no job can read it.`,
        advice: 'Restore it, or copy it into the storage class STANDARD.',
      },
      COSTS.packaging,
    );
  }
  if (found.info.sizeBytes === 0) {
    return missing(`${uri} is empty (0 bytes); expected a gzip tar archive.`, 'Upload the model archive again.');
  }
  const { sizeBytes } = found.info;
  const local = `${inputs.model.file ?? ''}, ${formatSize(sizeBytes)}`;
  switch (found.upload) {
    case 'to do':
      return { name: 'model', result: 'passed', found: `${local}; to be uploaded to ${inputs.model.uri}` };
    case 'there':
      return { name: 'model', result: 'passed', found: `${local}; at ${inputs.model.uri} already` };
    case 'another is there':
      return failedBy('model', {
        code: 'model-changed',
        message: `There is another object at ${inputs.model.uri} already, of ${formatSize(sizeBytes)}; it is not overwritten.`,
        advice: 'Upload a release once, under a path of its own; without an upload what is there is deployed.',
      });
    case undefined:
      break;
  }
  return { name: 'model', result: 'passed', found: `${uri}, ${formatSize(sizeBytes)}, ${modelIdentity(found.info)}` };
};

function missing(found: string, fix: string): Check {
  return failedBy('model', { code: 'model-missing', message: found, advice: fix }, COSTS.packaging);
}
