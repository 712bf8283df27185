import type { IamRequest } from './evaluate.ts';
import type { WireRequest } from './recording-proxy.ts';

/**
 * What IAM is asked for a request: which actions on which resources, with which condition keys; by the Service
 * Authorization Reference. An operation that is not known here is an error, so that none goes unjudged.
 */
const ACCOUNT = '123456789012';

export function iamRequests(request: WireRequest): readonly IamRequest[] {
  const target = request.headers['x-amz-target'];
  if (target === undefined) return isSts(request) ? [] : s3Requests(request);
  const [service = '', operation = ''] = String(target).split('.');
  const body = JSON.parse(request.body) as Body;
  const region = scopeOf(request)[2] ?? '';
  if (service.startsWith('Logs')) return logsRequests(operation, { body, region });
  return sageMakerRequests(operation, { body, region });
}

type Body = Readonly<Record<string, unknown>>;
interface Asked {
  readonly body: Body;
  readonly region: string;
}

const text = (value: unknown) => (typeof value === 'string' ? value : '');

/** Access key, date, region and service of the signature. */
function scopeOf({ headers }: WireRequest): readonly string[] {
  return (/Credential=([^,\s]+)/.exec(headers.authorization ?? '')?.[1] ?? '').split('/');
}

/** Neither GetCallerIdentity nor AssumeRoleWithWebIdentity asks for a permission. */
const isSts = (request: WireRequest) => scopeOf(request)[3] === 'sts';

function s3Requests({ method, url, headers }: WireRequest): readonly IamRequest[] {
  const path = decodeURIComponent(url.pathname).slice(1).replace(/\/$/, '');
  const resource = `arn:aws:s3:::${path}`;
  if (!path.includes('/')) return [{ action: 's3:ListBucket', resource }];
  if (method === 'GET' || method === 'HEAD') return [{ action: 's3:GetObject', resource }];
  if (method !== 'PUT') throw new Error(`No IAM action is known for ${method} ${url.pathname}.`);
  const once = headers['if-none-match'];
  const put = {
    action: 's3:PutObject',
    resource,
    ...(once === undefined ? {} : { context: { 's3:if-none-match': once } }),
  };
  const source = headers['x-amz-copy-source'];
  if (source === undefined) return [put];
  const from = decodeURIComponent(String(source)).replace(/^\//, '').replace(/\?.*$/, '');
  return [put, { action: 's3:GetObject', resource: `arn:aws:s3:::${from}` }];
}

function logsRequests(operation: string, { body, region }: Asked): readonly IamRequest[] {
  const group = `arn:aws:logs:${region}:${ACCOUNT}:log-group:${text(body['logGroupName'])}`;
  const stream = body['logStreamName'];
  return [
    { action: `logs:${operation}`, resource: stream === undefined ? group : `${group}:log-stream:${text(stream)}` },
  ];
}

/** The member that names the resource, and the kind that a name alone is of. */
const NAMED: readonly [member: string, kind: string][] = [
  ['ResourceArn', ''],
  ['PipelineExecutionArn', ''],
  ['PipelineName', 'pipeline'],
  ['ModelPackageArn', ''],
  ['ModelPackageName', 'model-package'],
  ['ModelPackageGroupName', 'model-package-group'],
  ['ProcessingJobName', 'processing-job'],
  ['ModelName', 'model'],
  ['JobName', 'inference-recommendations-job'],
];

function sageMakerRequests(operation: string, { body, region }: Asked): readonly IamRequest[] {
  const [member, kind] = NAMED.find(([name]) => body[name] !== undefined) ?? [];
  if (member === undefined) throw new Error(`No resource is known for sagemaker:${operation} ${JSON.stringify(body)}.`);
  // A model's ARN has its name in lower case, and IAM compares letter by letter.
  const name = kind === 'model' ? text(body[member]).toLowerCase() : text(body[member]);
  const resource = name.startsWith('arn:') ? name : `arn:aws:sagemaker:${region}:${ACCOUNT}:${kind}/${name}`;
  const status = body['ModelApprovalStatus'];
  const context = status === undefined ? {} : { context: { 'sagemaker:ModelApprovalStatus': text(status) } };
  return [
    { action: `sagemaker:${operation}`, resource, ...context },
    ...(body['Tags'] === undefined || operation === 'AddTags' ? [] : [{ action: 'sagemaker:AddTags', resource }]),
    ...(body['RoleArn'] === undefined ? [] : [passRole(text(body['RoleArn']))]),
  ];
}

function passRole(resource: string): IamRequest {
  return { action: 'iam:PassRole', resource, context: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } };
}
