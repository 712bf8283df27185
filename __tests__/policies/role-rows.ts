import type { PolicyName, RoleName } from './documents.ts';
import type { Decision, IamRequest } from './evaluate.ts';

/** What each role must be able to do and what it must not, request by request, in the account of the examples. */
const BUCKET = 'arn:aws:s3:::bsm-models-123456789012';
const LOCATION = `${BUCKET}/MODS/bsm-team-BSM-RnR-NA_1.3.0`;
const EU_LOCATION = `${BUCKET}-eu-west-1/MODS/bsm-team-BSM-RnR-NA_1.3.0`;
const DEFAULT_EU = 'arn:aws:s3:::sagemaker-eu-west-1-123456789012';
const sageMaker = (path: string, region = 'us-east-1') => `arn:aws:sagemaker:${region}:123456789012:${path}`;
const OWN = sageMaker('model-package/bsm-team-bsm-rnr-na/3');
const OWN_EU = sageMaker('model-package/bsm-team-BSM-RnR-NA/3', 'eu-west-1');
const GROUP = sageMaker('model-package-group/bsm-team-BSM-RnR-NA');
const PIPELINE = sageMaker('pipeline/bsm-team-BSM-RnR-NA');
const MODEL = sageMaker('model/pipelines-6wn71dfvabvb-createpytorchmodelstep-t8rjzs4yro');
const OTHERS_GROUP = sageMaker('model-package-group/fraud-team-scores');
const OTHERS = sageMaker('model-package/fraud-team-scores/3');
const JOB = sageMaker('inference-recommendations-job/bsm-load-test-0123456789ab', 'eu-west-1');
const LOAD_TEST_LOGS = 'arn:aws:logs:eu-west-1:123456789012:log-group:/aws/sagemaker/InferenceRecommendationsJobs';
const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;

const update = (resource: string, status?: string): IamRequest => ({
  action: 'sagemaker:UpdateModelPackage',
  resource,
  ...(status === undefined ? {} : { context: { 'sagemaker:ModelApprovalStatus': status } }),
});
const create = (resource: string, status?: string): IamRequest => ({
  ...update(resource, status),
  action: 'sagemaker:CreateModelPackage',
});
const staged = (key: string): IamRequest => ({
  ...update(OWN),
  context: { [`sagemaker:ModelLifeCycle${key}stage`]: 'production' },
});
const pass = (name: string, service = 'sagemaker.amazonaws.com'): IamRequest => ({
  action: 'iam:PassRole',
  resource: role(name),
  context: { 'iam:PassedToService': service },
});
const put = (resource: string, once = false): IamRequest => ({
  action: 's3:PutObject',
  resource,
  ...(once ? { context: { 's3:if-none-match': '*' } } : {}),
});
const on = (action: string, resource: string): IamRequest => ({ action, resource });
const key = (action: string, context: IamRequest['context'] = {}): IamRequest => ({
  action,
  resource: 'arn:aws:kms:us-east-1:123456789012:key/0f6f',
  context: { 'kms:ResourceAliases': ['alias/bsm-models'], ...context },
});
const metrics = (namespace: string): IamRequest => ({
  action: 'cloudwatch:PutMetricData',
  resource: '*',
  context: { 'cloudwatch:namespace': namespace },
});
const byS3 = { 'kms:ViaService': 's3.us-east-1.amazonaws.com' };

export type Row = readonly [decision: Decision, what: string, request: IamRequest];

export const DEPLOY: readonly Row[] = [
  ['denied', 'approve by UpdateModelPackage', update(OWN, 'Approved')],
  ['denied', 'approve in another region', update(OWN_EU, 'Approved')],
  ['denied', 'approve in a group that a resource policy opens to it', update(OTHERS, 'Approved')],
  ['denied', 'set a status that nobody knows yet', update(OWN, 'ConditionallyApproved')],
  ['not allowed', 'reject', update(OWN, 'Rejected')],
  ['allowed', 'set PendingManualApproval', update(OWN, 'PendingManualApproval')],
  ['allowed', 'add metadata and set no status', update(OWN)],
  ['allowed', 'add metadata in another region', update(OWN_EU)],
  ['denied', 'move a package to a stage', staged(':')],
  ['denied', 'move a package to a stage, as the key is also written', staged('/')],
  ['denied', 'register as approved', create(OWN, 'Approved')],
  ['not allowed', 'register by itself at all', create(OWN, 'PendingManualApproval')],
  ['not allowed', 'register by itself without a status', create(OWN)],
  ['not allowed', 'change packages of another group', update(OTHERS)],
  ['not allowed', 'see packages of another group', on('sagemaker:DescribeModelPackage', OTHERS)],
  ['not allowed', 'open a group by a resource policy', on('sagemaker:PutModelPackageGroupPolicy', GROUP)],
  ['not allowed', 'tag a package', on('sagemaker:AddTags', OWN)],
  ['not allowed', 'tag a role', on('iam:TagRole', role('bsm-approve'))],
  ['not allowed', 'remove a package', on('sagemaker:DeleteModelPackage', OWN)],
  ['not allowed', 'start another pipeline', on('sagemaker:StartPipelineExecution', sageMaker('pipeline/fraud'))],
  ['not allowed', 'update another pipeline', on('sagemaker:UpdatePipeline', sageMaker('pipeline/fraud'))],
  [
    'not allowed',
    'stop its executions',
    on('sagemaker:StopPipelineExecution', sageMaker('pipeline/fraud/execution/a')),
  ],
  [
    'not allowed',
    'use a pipeline whose name only begins alike',
    on('sagemaker:UpdatePipeline', sageMaker('pipeline/bsm-teams')),
  ],
  ['not allowed', 'pass the approving role', pass('bsm-approve')],
  ['not allowed', 'pass its own role', pass('bsm-deploy')],
  ['not allowed', 'pass the pipeline role to another service', pass('bsm-pipeline', 'lambda.amazonaws.com')],
  ['not allowed', 'assume the approving role', on('sts:AssumeRole', role('bsm-approve'))],
  ['allowed', 'pass the pipeline role to SageMaker', pass('bsm-pipeline')],
  ['denied', 'overwrite a packaged model', put(`${LOCATION}/package/0a/model.tar.gz`)],
  ['denied', 'put a packaged model where none is', put(`${LOCATION}/package/0a/model.tar.gz`, true)],
  ['denied', 'overwrite its copy', put(`${EU_LOCATION}/package/0a/model.tar.gz`)],
  ['denied', 'remove a packaged model', on('s3:DeleteObject', `${LOCATION}/package/0a/model.tar.gz`)],
  ['not allowed', 'overwrite the packager', put(`${LOCATION}/scripts/0a/package_model.py`)],
  ['allowed', 'put a packager where none is', put(`${LOCATION}/scripts/0a/package_model.py`, true)],
  ['not allowed', 'overwrite sample payloads', put(`${LOCATION}/payload/0a/0b/payload.tar.gz`)],
  ['allowed', 'put sample payloads where none are', put(`${LOCATION}/payload/0a/0b/payload.tar.gz`, true)],
  ['allowed', 'take over a claim', put(`${LOCATION}/claims/0a`)],
  ['not allowed', 'put a released model', put(`${BUCKET}/releases/1.3.0/model.tar.gz`, true)],
  ['not allowed', 'write below another team', put(`${BUCKET}/MODS/fraud_1/code/0a/inference.py`)],
  ['not allowed', 'read below another team', on('s3:GetObject', `${BUCKET}/MODS/fraud_1/package/0a/model.tar.gz`)],
  ['not allowed', 'reach a default bucket', on('s3:GetObject', `${DEFAULT_EU}/MODS/bsm-team-x/package/0a`)],
  ['allowed', 'use the key through S3', key('kms:GenerateDataKey', byS3)],
  ['not allowed', 'use the key otherwise', key('kms:GenerateDataKey')],
  ['not allowed', 'use another key', key('kms:Decrypt', { ...byS3, 'kms:ResourceAliases': ['alias/fraud'] })],
  ['allowed', 'read the name of the model that the pipeline made', on('sagemaker:DescribeModel', MODEL)],
  ['not allowed', 'see the models of others', on('sagemaker:DescribeModel', sageMaker('model/fraud-scores'))],
  ['not allowed', 'make a model', on('sagemaker:CreateModel', MODEL)],
  ['allowed', 'list the versions of its pipeline', on('sagemaker:ListPipelineVersions', PIPELINE)],
  ['allowed', 'list the packages of its group', on('sagemaker:ListModelPackages', GROUP)],
  ['not allowed', 'list the packages of another group', on('sagemaker:ListModelPackages', OTHERS_GROUP)],
  ['not allowed', 'run a load test', on('sagemaker:CreateInferenceRecommendationsJob', JOB)],
];

export const APPROVE: readonly Row[] = [
  ['allowed', 'approve a package', update(OWN, 'Approved')],
  ['allowed', 'approve in another region', update(OWN_EU, 'Approved')],
  ['allowed', 'reject a package', update(OWN, 'Rejected')],
  ['allowed', 'take an approval back', update(OWN, 'PendingManualApproval')],
  ['allowed', 'take an approval back in another region', update(OWN_EU, 'PendingManualApproval')],
  ['not allowed', 'take an approval back in another group', update(OTHERS, 'PendingManualApproval')],
  ['not allowed', 'set a status that nobody knows yet', update(OWN, 'ConditionallyApproved')],
  ['not allowed', 'set an empty status', update(OWN, '')],
  ['not allowed', 'move a package to a stage', staged(':')],
  ['not allowed', 'register as pending', create(OWN, 'PendingManualApproval')],
  ['not allowed', 'list the packages of another group', on('sagemaker:ListModelPackages', OTHERS_GROUP)],
  ['allowed', 'see a package', on('sagemaker:DescribeModelPackage', OWN)],
  [
    'allowed',
    'list the packages of its group',
    on('sagemaker:ListModelPackages', sageMaker('model-package/bsm-team-x/*')),
  ],
  ['not allowed', 'approve in another group', update(OTHERS, 'Approved')],
  ['not allowed', 'change a package without a status', update(OWN)],
  ['not allowed', 'register', create(OWN, 'Approved')],
  ['not allowed', 'start a pipeline', on('sagemaker:StartPipelineExecution', PIPELINE)],
  ['not allowed', 'see a pipeline', on('sagemaker:DescribePipeline', PIPELINE)],
  ['not allowed', 'read from S3', on('s3:GetObject', `${LOCATION}/package/0a/model.tar.gz`)],
  ['not allowed', 'list a bucket', on('s3:ListBucket', BUCKET)],
  ['not allowed', 'write to S3', put(`${LOCATION}/registered/0a.json`)],
  ['not allowed', 'pass a role', pass('bsm-pipeline')],
];

export const PLAN: readonly Row[] = [
  ['allowed', 'read the model', on('s3:GetObject', `${BUCKET}/releases/1.3.0/model.tar.gz`)],
  ['allowed', 'read records', on('s3:GetObject', `${LOCATION}/registered/0a.json`)],
  ['allowed', 'see the pipeline', on('sagemaker:DescribePipeline', PIPELINE)],
  ['allowed', 'list the versions of the pipeline', on('sagemaker:ListPipelineVersions', PIPELINE)],
  ['allowed', 'list the packages of its group', on('sagemaker:ListModelPackages', GROUP)],
  ['not allowed', 'list the packages of another group', on('sagemaker:ListModelPackages', OTHERS_GROUP)],
  ['allowed', 'decrypt through S3', key('kms:Decrypt', byS3)],
  ['not allowed', 'decrypt otherwise', key('kms:Decrypt')],
  ['not allowed', 'encrypt', key('kms:GenerateDataKey', byS3)],
  ['not allowed', 'write a claim', put(`${LOCATION}/claims/0a`, true)],
  ['not allowed', 'start the pipeline', on('sagemaker:StartPipelineExecution', PIPELINE)],
  ['not allowed', 'approve', update(OWN, 'Approved')],
  ['not allowed', 'change a package', update(OWN)],
  ['not allowed', 'tag', on('sagemaker:AddTags', PIPELINE)],
  ['not allowed', 'pass a role', pass('bsm-pipeline')],
];

export const PIPELINE_ROLE: readonly Row[] = [
  ['allowed', 'register as pending', create(OWN, 'PendingManualApproval')],
  ['allowed', 'register without a status', create(OWN)],
  ['denied', 'register as approved', create(OWN, 'Approved')],
  ['denied', 'register as approved in another region', create(OWN_EU, 'Approved')],
  ['denied', 'register as rejected', create(OWN, 'Rejected')],
  ['denied', 'approve what is registered', update(OWN, 'Approved')],
  ['not allowed', 'change what is registered', update(OWN)],
  ['not allowed', 'register in another group', create(OTHERS, 'PendingManualApproval')],
  ['not allowed', 'open a group by a resource policy', on('sagemaker:PutModelPackageGroupPolicy', GROUP)],
  ['not allowed', 'start a pipeline', on('sagemaker:StartPipelineExecution', PIPELINE)],
  ['not allowed', 'pass another role', pass('bsm-approve')],
  ['allowed', 'write a packaged model', put(`${LOCATION}/package/0a/model.tar.gz`)],
  ['not allowed', 'write packages of another team', put(`${BUCKET}/MODS/fraud_1/package/0a/model.tar.gz`)],
  ['not allowed', 'overwrite the packager', put(`${LOCATION}/scripts/0a/package_model.py`)],
  ['not allowed', 'overwrite inference code', put(`${LOCATION}/code/0a/inference.py`)],
  ['not allowed', 'overwrite a request document', put(`${LOCATION}/documents/0a/0b/config`)],
  ['not allowed', 'take a claim', put(`${LOCATION}/claims/0a`)],
  ['not allowed', 'overwrite a released model', put(`${BUCKET}/releases/1.3.0/model.tar.gz`)],
  ['not allowed', 'remove a package', on('s3:DeleteObject', `${LOCATION}/package/0a/model.tar.gz`)],
  ['allowed', 'copy a package to another region', put(`${EU_LOCATION}/package/0a/model.tar.gz`)],
  ['not allowed', 'write anything else there', put(`${EU_LOCATION}/code/0a/inference.py`)],
  [
    'not allowed',
    'write to a bucket that is only named alike',
    put(`${BUCKET}-eu-west-1-x/MODS/bsm-team-x/package/0a`),
  ],
  ['not allowed', 'write to a default bucket', put(`${DEFAULT_EU}/MODS/bsm-team-x/package/0a/model.tar.gz`)],
  ['not allowed', 'read a default bucket', on('s3:GetObject', `${DEFAULT_EU}/notebook/data.csv`)],
  ['not allowed', 'make a bucket', on('s3:CreateBucket', DEFAULT_EU)],
  [
    'allowed',
    'pull an image of AWS',
    on('ecr:BatchGetImage', 'arn:aws:ecr:us-east-1:763104351884:repository/pytorch-inference'),
  ],
  [
    'not allowed',
    'pull an image of others',
    on('ecr:BatchGetImage', 'arn:aws:ecr:us-east-1:999999999999:repository/pytorch-inference'),
  ],
  ['allowed', 'encrypt', key('kms:Encrypt')],
  ['allowed', 'describe the key', key('kms:DescribeKey')],
  ['not allowed', 'use another key', key('kms:Encrypt', { 'kms:ResourceAliases': ['alias/fraud'] })],
  ['not allowed', 'grant another key', key('kms:CreateGrant', { 'kms:ResourceAliases': ['alias/fraud'] })],
  ['not allowed', 'pass itself to another service', pass('bsm-pipeline', 'lambda.amazonaws.com')],
  ['allowed', 'write metrics of its jobs', metrics('/aws/sagemaker/ProcessingJobs')],
  ['not allowed', 'write metrics of others', metrics('AWS/Billing')],
  ['denied', 'register in a stage', { ...staged(':'), action: 'sagemaker:CreateModelPackage' }],
  [
    'denied',
    'register in a stage, as the key is also written',
    { ...staged('/'), action: 'sagemaker:CreateModelPackage' },
  ],
  ['allowed', 'grant the key to a job, whether for a resource of AWS or not', key('kms:CreateGrant')],
  ['not allowed', 'serve a model', on('sagemaker:CreateEndpoint', sageMaker('endpoint/sm-epc'))],
];

const upload = (creates: boolean, once = false): IamRequest => ({
  action: 's3:PutObject',
  resource: `${BUCKET}/releases/1.3.0/model.tar.gz`,
  context: { 's3:ObjectCreationOperation': String(creates), ...(once ? { 's3:if-none-match': '*' } : {}) },
});

export const WITH_MORE: readonly [Decision, string, RoleName, PolicyName, IamRequest][] = [
  ['allowed', 'upload a part of a model', 'deploy', 'model-upload', upload(false)],
  ['allowed', 'finish the upload of a new model', 'deploy', 'model-upload', upload(true, true)],
  ['denied', 'finish it over one that is there', 'deploy', 'model-upload', upload(true)],
  ['allowed', 'reject what fails its load test', 'deploy', 'load-test', update(OWN, 'Rejected')],
  ['denied', 'approve what passes it', 'deploy', 'load-test', update(OWN, 'Approved')],
  ['allowed', 'run a load test', 'deploy', 'load-test', on('sagemaker:CreateInferenceRecommendationsJob', JOB)],
  ['allowed', 'follow a load test', 'deploy', 'load-test', on('sagemaker:DescribeInferenceRecommendationsJob', JOB)],
  ['allowed', 'find the logs of a load test', 'deploy', 'load-test', on('logs:DescribeLogStreams', LOAD_TEST_LOGS)],
  [
    'allowed',
    'read the logs of a load test',
    'deploy',
    'load-test',
    on('logs:GetLogEvents', `${LOAD_TEST_LOGS}:log-stream:bsm-load-test-0123456789ab/production-variant-1`),
  ],
  [
    'not allowed',
    'read the logs of the load test of others',
    'deploy',
    'load-test',
    on('logs:GetLogEvents', `${LOAD_TEST_LOGS}:log-stream:fraud/production-variant-1`),
  ],
  ['allowed', 'pass the pipeline role to a load test', 'deploy', 'load-test', pass('bsm-pipeline')],
  ['not allowed', 'pass the approving role to a load test', 'deploy', 'load-test', pass('bsm-approve')],
  ['allowed', 'stop a load test', 'deploy', 'load-test', on('sagemaker:StopInferenceRecommendationsJob', JOB)],
  [
    'not allowed',
    'stop the load test of others',
    'deploy',
    'load-test',
    on('sagemaker:StopInferenceRecommendationsJob', sageMaker('inference-recommendations-job/fraud')),
  ],
  [
    'allowed',
    'serve the model that is tested',
    'pipeline',
    'pipeline-load-test',
    on('sagemaker:CreateEndpoint', sageMaker('endpoint/sm-epc')),
  ],
  ['denied', 'register as approved', 'pipeline', 'pipeline-load-test', create(OWN, 'Approved')],
  [
    'allowed',
    'copy a package to a default bucket',
    'pipeline',
    'pipeline-default-buckets',
    put(`${DEFAULT_EU}/MODS/bsm-team-x/package/0a/model.tar.gz`),
  ],
  [
    'not allowed',
    'write anything else there',
    'pipeline',
    'pipeline-default-buckets',
    put(`${DEFAULT_EU}/notebook/data.csv`),
  ],
  [
    'not allowed',
    'read anything else there',
    'pipeline',
    'pipeline-default-buckets',
    on('s3:GetObject', `${DEFAULT_EU}/notebook/data.csv`),
  ],
];
