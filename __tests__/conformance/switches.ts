import type { Need } from '../../conformance/options.ts';
import { accepts, refuses, says, status, steps, type Switch, xml } from './switchboard.ts';

/** For each probe one answer of another AWS by which it must turn red. */

const INVALID = 'ValidationException';
const contains = (text: string) => ({
  when: ({ body, path }: { body: string; path: string }) => `${path} ${body}`.includes(text),
});
const nth = (number: number) => ({ when: ({ call }: { call: number }) => call === number });
const create = (what: string, answer: Switch['answer']): Switch => ({
  operation: 'CreatePipeline',
  ...contains(what),
  answer,
});
const starts = (answer: Switch['answer'], what = ''): Switch => ({
  operation: 'StartPipelineExecution',
  when: ({ body }) => body.includes(what === '' ? '"SelectedSteps"' : what),
  answer,
});
const ARN = 'arn:aws:sagemaker:us-east-1:123456789012:pipeline/another/execution/abcdefghijkl';
const PIPELINE = accepts({ PipelineArn: ARN });
const metadataIs = (CustomerMetadataProperties: Readonly<Record<string, string>>): Switch => ({
  operation: 'DescribeModelPackage',
  answer: says((answer) => ({ ...answer, CustomerMetadataProperties })),
});
const missing = (operation: string): Switch => ({ operation, answer: refuses('ResourceInUse') });
const reportIs = (change: object): Switch => ({
  operation: 'GET',
  ...contains('report.json'),
  answer: says((report) => ({ ...report, container: true, ...change })),
});
const register = (text: string): Switch => ({
  operation: 'CreateModelPackage',
  ...contains(text),
  answer: accepts({ ModelPackageArn: 'arn:aws:sagemaker:us-east-1:123456789012:model-package/another/1' }),
});

export const SWITCHES: Readonly<Record<string, readonly Switch[]>> = {
  'definition-verbatim': [
    {
      operation: 'DescribePipeline',
      answer: says((a) => ({ ...a, PipelineDefinition: JSON.stringify(JSON.parse(String(a['PipelineDefinition']))) })),
    },
  ],
  'experiment-config-null': [create('experiment-with-null', refuses(INVALID))],
  'backoff-rate-forms': [create('backoff-2-0', refuses(INVALID))],
  'null-members': [create('null-description', PIPELINE)],
  'unknown-members': [create('unknown-at-the-top', PIPELINE)],
  'retry-policy-both-limits': [create('both-with-both', PIPELINE)],
  'definition-size': [create('size-s3-150', refuses(INVALID))],
  'definition-counts': [create('counts-51-steps', PIPELINE)],
  'processing-inputs': [create('inputs-11', PIPELINE)],
  'processing-environment': [create('environment-257', PIPELINE)],
  'model-environment': [create('variables-16', refuses(INVALID))],
  'cache-of-model-steps': [create('cached-model', PIPELINE)],
  'local-path-root': [create('local-path', refuses('ResourceLimitExceeded'))],
  'version-of-update': [{ operation: 'UpdatePipeline', answer: says((a) => ({ ...a, PipelineVersionId: 7 })) }],
  'describe-version': [{ operation: 'DescribePipeline', answer: says((a) => ({ ...a, PipelineDefinition: '{}' })) }],
  'list-versions': [
    { operation: 'ListPipelineVersions', answer: accepts({ PipelineVersionSummaries: [{ PipelineVersionId: 2 }] }) },
  ],
  'existing-pipeline': [create('-second', refuses(INVALID, 'The name is taken.'))],
  'create-pipeline-token': [{ operation: 'CreatePipeline', ...nth(2), answer: refuses(INVALID, 'It already exists.') }],
  'parallel-updates': [{ operation: 'UpdatePipeline', ...nth(2), answer: refuses('ResourceInUse') }],
  'status-of-success': [
    { operation: 'DescribePipelineExecution', answer: says((a) => ({ ...a, PipelineExecutionStatus: 'Complete' })) },
  ],
  'status-of-failure': [steps((step) => ({ ...step, FailureReason: 'Something went wrong.' }))],
  'step-without-cache-hit': [steps((step) => ({ ...step, CacheHitResult: { SourcePipelineExecutionArn: ARN } }))],
  'step-metadata': [steps((step) => ({ ...step, Metadata: {} }))],
  'model-arn-case': [{ operation: 'DescribeModel', answer: refuses(INVALID, 'Could not find model.') }],
  'execution-version': [
    { operation: 'DescribePipelineExecution', answer: says((a) => ({ ...a, PipelineVersionId: 2 })) },
  ],
  'start-new-pipeline-by-version': [{ operation: 'ListPipelineVersions', answer: accepts() }],
  'definition-for-execution': [
    { operation: 'DescribePipelineDefinitionForExecution', answer: says((a) => ({ ...a, PipelineDefinition: '{}' })) },
  ],
  'start-right-after-create': [starts(refuses(INVALID), 'at-once')],
  'start-token': [{ operation: 'StartPipelineExecution', ...nth(2), answer: accepts({ PipelineExecutionArn: ARN }) }],
  'stop-ended': [{ operation: 'StopPipelineExecution', answer: refuses('ResourceInUse') }],
  'unknown-parameter': [starts(accepts({ PipelineExecutionArn: ARN }), 'Undeclared')],
  'steps-page': [{ operation: 'ListPipelineExecutionSteps', ...contains('"MaxResults":101'), answer: accepts() }],
  'selective-source-of-another-pipeline': [starts(refuses('ResourceNotFound'))],
  'selective-step-new-to-source': [starts(refuses(INVALID, 'Invalid SourcePipelineExecutionArn'))],
  'selective-source-of-other-version': [starts(refuses(INVALID, 'Invalid SourcePipelineExecutionArn'))],
  'selective-source-selective-itself': [
    starts(refuses(INVALID, 'Invalid SourcePipelineExecutionArn'), 'selective-second'),
  ],
  'selective-after-failure': [starts(refuses(INVALID, 'Invalid SourcePipelineExecutionArn'))],
  'selective-needs-failed-step': [starts(refuses('ResourceLimitExceeded'))],
  'selective-source-stopped': [starts(refuses('ResourceLimitExceeded'))],
  'existing-group': [
    { operation: 'CreateModelPackageGroup', ...nth(2), answer: refuses(INVALID, 'The name is taken.') },
  ],
  'package-token': [{ ...register(''), ...nth(2) }],
  'package-status': [
    { operation: 'DescribeModelPackage', answer: says((a) => ({ ...a, ModelPackageStatus: 'Failed' })) },
  ],
  'versioned-package-tags': [register('"Tags"')],
  'archive-suffix': [register('model.zip')],
  'group-made-by-step': [
    { operation: 'DescribeModelPackageGroup', answer: accepts({ ModelPackageGroupName: 'made' }) },
  ],
  'package-arn': [
    {
      operation: 'DescribeModelPackage',
      answer: says((a) => ({ ...a, ModelPackageGroupName: String(a['ModelPackageGroupName']).toLowerCase() })),
    },
  ],
  'parameter-in-metadata': [metadataIs({ note: '{"Get": "Parameters.Note"}' })],
  'metadata-merge': [metadataIs({ changed: '2', added: '2' })],
  'metadata-union': [metadataIs({ added: '2' })],
  'metadata-remove': [metadataIs({})],
  'metadata-limits': [register('key_50')],
  'metadata-characters': [register('a#b')],
  'approval-updates': [{ operation: 'UpdateModelPackage', ...nth(2), answer: refuses('ConflictException') }],
  'approval-set-back': [{ operation: 'UpdateModelPackage', ...nth(2), answer: refuses(INVALID) }],
  'parallel-package-updates': [{ operation: 'UpdateModelPackage', ...nth(2), answer: refuses('ResourceInUse') }],
  'approval-condition-key': [{ operation: 'UpdateModelPackage', answer: accepts() }],
  'missing-pipeline': [missing('DescribePipeline')],
  'missing-execution': [missing('DescribePipelineExecution')],
  'missing-group': [{ operation: 'DescribeModelPackageGroup', answer: refuses(INVALID, 'No such group.') }],
  'missing-package': [{ operation: 'DescribeModelPackage', answer: refuses(INVALID, 'No such package.') }],
  'missing-model': [{ operation: 'DescribeModel', answer: refuses(INVALID, 'No such model.') }],
  'missing-processing-job': [{ operation: 'DescribeProcessingJob', answer: refuses(INVALID, 'No such job.') }],
  'missing-log-stream': [missing('GetLogEvents')],
  'conditional-put': [{ operation: 'PUT', ...nth(2), answer: status(200, { etag: '"1"' }) }],
  'conditional-put-kms': [{ operation: 'PUT', ...nth(4), answer: status(200, { etag: '"1"' }) }],
  'parallel-conditional-puts': [{ operation: 'PUT', answer: status(200, { etag: '"1"' }) }],
  'conditional-upload': [
    {
      operation: 'POST',
      ...contains('uploadId'),
      answer: xml('<CompleteMultipartUploadResult><ETag>"1"</ETag></CompleteMultipartUploadResult>'),
    },
  ],
  'missing-object': [
    { operation: 'GET', ...contains('/nothing'), answer: xml('<Error><Code>AccessDenied</Code></Error>', 403) },
  ],
  'wrong-owner': [{ operation: 'HEAD', ...contains('/owned'), answer: status(200) }],
  'right-owner': [{ operation: 'HEAD', ...contains('/mine'), answer: status(403) }],
  'archived-object': [{ operation: 'HEAD', ...contains('/archived'), answer: status(200) }],
  'copy-with-condition': [{ operation: 'COPY', answer: xml('<CopyObjectResult><ETag>"1"</ETag></CopyObjectResult>') }],
  'copy-into-region': [{ operation: 'HEAD', ...contains('/small'), answer: status(200, { 'content-length': '4' }) }],
  'copy-large-into-region': [
    {
      operation: 'POST',
      ...contains('uploads'),
      answer: xml('<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>'),
    },
    { operation: 'COPY', answer: xml('<CopyPartResult><ETag>"1"</ETag></CopyPartResult>') },
    {
      operation: 'POST',
      ...contains('uploadId'),
      answer: xml('<CompleteMultipartUploadResult><ETag>"1"</ETag></CompleteMultipartUploadResult>'),
    },
    { operation: 'HEAD', ...contains('/large'), answer: status(200, { 'content-length': '5368709120' }) },
  ],
  'bucket-demands-conditions': [{ operation: 'PUT', ...contains('?policy'), answer: status(204) }],
  'cache-hit': [steps(({ CacheHitResult: _hit, ...step }) => step)],
  'cache-input-replaced': [steps(({ CacheHitResult: _hit, ...step }) => step)],
  'cache-environment-changed': [steps((step) => ({ ...step, CacheHitResult: { SourcePipelineExecutionArn: ARN } }))],
  'job-arn-case': [
    {
      operation: 'DescribeProcessingJob',
      answer: says((a) => ({ ...a, ProcessingJobName: String(a['ProcessingJobName']).toLowerCase() })),
    },
  ],
  'exit-message': [
    { operation: 'DescribeProcessingJob', answer: says((a) => ({ ...a, ExitMessage: 'exit code: 3' })) },
  ],
  'log-streams-of-job': [{ operation: 'DescribeLogStreams', answer: accepts({ logStreams: [] }) }],
  'job-reads-archived-object': [steps((step) => ({ ...step, StepStatus: 'Succeeded' }))],
  'volume-key-on-local-storage': [steps((step) => ({ ...step, StepStatus: 'Succeeded' }))],
  'outputs-with-key': [steps((step) => ({ ...step, StepStatus: 'Failed' }))],
  'image-entry-point': [reportIs({ first_process: ['/usr/local/bin/dockerd-entrypoint.py'] })],
  'image-python': [reportIs({ python: '3.7.10' })],
  'image-boto3': [reportIs({ modules: { boto3: null, torch: '2.1.0' } })],
  'image-java-and-toolkit': [reportIs({ java: null })],
  'model-folder': [reportIs({ model_folder: { existed: true, writable: false } })],
  'job-region-variable': [reportIs({ region: { AWS_REGION: 'unknown' } })],
  'missing-recommendation': [{ operation: 'DescribeInferenceRecommendationsJob', answer: refuses(INVALID) }],
  'recommendation-of-missing-package': [
    { operation: 'CreateInferenceRecommendationsJob', answer: refuses('ResourceInUse') },
  ],
  'recommendation-demands': [
    { operation: 'CreateInferenceRecommendationsJob', answer: accepts({ JobArn: ARN }) },
    { operation: 'StopInferenceRecommendationsJob', answer: accepts() },
  ],
  'recommendation-traffic': [{ operation: 'CreateInferenceRecommendationsJob', answer: refuses(INVALID) }],
  'stop-missing-recommendation': [{ operation: 'StopInferenceRecommendationsJob', answer: refuses('ResourceInUse') }],
  'stop-ended-recommendation': [
    { operation: 'CreateInferenceRecommendationsJob', answer: accepts({ JobArn: ARN }) },
    { operation: 'DescribeInferenceRecommendationsJob', answer: accepts({ Status: 'COMPLETED' }) },
    { operation: 'StopInferenceRecommendationsJob', answer: refuses('ResourceInUse') },
  ],
  'recommendation-name': [
    { operation: 'CreateInferenceRecommendationsJob', answer: accepts({ JobArn: ARN }) },
    { operation: 'StopInferenceRecommendationsJob', answer: accepts() },
  ],
};

export const EVERYTHING: readonly Need[] = [
  'jobs',
  'regional-bucket',
  'kms-key',
  'large-copy',
  'bucket-policy',
  'session-role',
  'load-test',
];
