import type { RoleName } from './documents.ts';

/**
 * The IAM actions that AWS checks for each operation, from the Service Authorization Reference; keys are
 * `service:Operation` as the embedded AWS records them. docs/permissions.md is written from the same facts.
 */
export const IAM_ACTIONS: Readonly<Record<string, readonly string[]>> = {
  's3:HeadBucket': ['s3:ListBucket'],
  's3:ListObjectsV2': ['s3:ListBucket'],
  's3:HeadObject': ['s3:GetObject'],
  's3:GetObject': ['s3:GetObject'],
  's3:PutObject': ['s3:PutObject'],
  's3:CopyObject': ['s3:GetObject', 's3:PutObject'],
  's3:CreateBucket': ['s3:CreateBucket'],
  's3:CreateMultipartUpload': ['s3:PutObject'],
  's3:UploadPart': ['s3:PutObject'],
  's3:UploadPartCopy': ['s3:GetObject', 's3:PutObject'],
  's3:CompleteMultipartUpload': ['s3:PutObject'],
  's3:AbortMultipartUpload': ['s3:AbortMultipartUpload'],
  'sagemaker:DescribePipeline': ['sagemaker:DescribePipeline'],
  // CreatePipeline and CreateModelPackageGroup carry tags: AWS asks for AddTags too.
  'sagemaker:CreatePipeline': ['sagemaker:CreatePipeline', 'sagemaker:AddTags', 'iam:PassRole'],
  'sagemaker:UpdatePipeline': ['sagemaker:UpdatePipeline', 'iam:PassRole'],
  'sagemaker:StartPipelineExecution': ['sagemaker:StartPipelineExecution'],
  'sagemaker:StopPipelineExecution': ['sagemaker:StopPipelineExecution'],
  'sagemaker:DescribePipelineExecution': ['sagemaker:DescribePipelineExecution'],
  'sagemaker:ListPipelineExecutions': ['sagemaker:ListPipelineExecutions'],
  'sagemaker:ListPipelineExecutionSteps': ['sagemaker:ListPipelineExecutionSteps'],
  'sagemaker:ListTags': ['sagemaker:ListTags'],
  'sagemaker:AddTags': ['sagemaker:AddTags'],
  'sagemaker:DescribeModelPackageGroup': ['sagemaker:DescribeModelPackageGroup'],
  'sagemaker:CreateModelPackageGroup': ['sagemaker:CreateModelPackageGroup', 'sagemaker:AddTags'],
  'sagemaker:CreateModelPackage': ['sagemaker:CreateModelPackage'],
  'sagemaker:DescribeModelPackage': ['sagemaker:DescribeModelPackage'],
  'sagemaker:ListModelPackages': ['sagemaker:ListModelPackages'],
  'sagemaker:UpdateModelPackage': ['sagemaker:UpdateModelPackage'],
  'sagemaker:DescribeProcessingJob': ['sagemaker:DescribeProcessingJob'],
  'sagemaker:DescribeModel': ['sagemaker:DescribeModel'],
  'sagemaker:ListPipelineVersions': ['sagemaker:ListPipelineVersions'],
  'sagemaker:CreateInferenceRecommendationsJob': ['sagemaker:CreateInferenceRecommendationsJob', 'iam:PassRole'],
  'sagemaker:DescribeInferenceRecommendationsJob': ['sagemaker:DescribeInferenceRecommendationsJob'],
  'sagemaker:StopInferenceRecommendationsJob': ['sagemaker:StopInferenceRecommendationsJob'],
  'logs:DescribeLogStreams': ['logs:DescribeLogStreams'],
  'logs:GetLogEvents': ['logs:GetLogEvents'],
  // Neither needs a permission: the first is open to all, the second is the role's trust policy.
  'sts:GetCallerIdentity': [],
  'sts:AssumeRoleWithWebIdentity': [],
};

/** What a policy allows although no code of this project calls it by name, or not in the runs of the test. */
export const JUSTIFIED_EXTRAS: Readonly<Record<RoleName, Readonly<Record<string, string>>>> = {
  deploy: {},
  plan: {
    'sagemaker:DescribeModelPackageGroup': 'A group that is given by its ARN is looked up.',
    'sagemaker:ListPipelineVersions': 'As in a deployment.',
  },
  approve: {
    'sagemaker:ListModelPackages': 'The approved versions of the group that are newer, for reject-newer.',
  },
  pipeline: {
    'sagemaker:CreateModel': 'The model step.',
    'sagemaker:DescribeModel': 'The model step reads the name and ARN of what it made.',
    'sagemaker:CreateProcessingJob': 'The packaging step and registrations outside us-east-1.',
    'sagemaker:DescribeProcessingJob': 'The pipeline waits for its jobs.',
    'sagemaker:StopProcessingJob': 'Stopping the execution stops its jobs.',
    'sagemaker:AddTags': 'Pipelines tag what they make with their own ARN.',
    'iam:PassRole': 'The pipeline hands its role to its jobs and its model.',
    'logs:CreateLogGroup': 'The first job of an account makes the log group.',
    'logs:CreateLogStream': 'Container logs.',
    'logs:PutLogEvents': 'Container logs.',
    'logs:DescribeLogStreams': 'Container logs.',
    'cloudwatch:PutMetricData': 'Processor, memory and disk use of the jobs.',
    'ecr:GetAuthorizationToken': 'Pulling the container image.',
    'ecr:BatchCheckLayerAvailability': 'Pulling the container image.',
    'ecr:BatchGetImage': 'Pulling the container image.',
    'ecr:GetDownloadUrlForLayer': 'Pulling the container image.',
    's3:AbortMultipartUpload': 'A copy in parts, or an upload of an output, that fails.',
  },
};
