/** The inputs of action.yml, from which this is generated: npm run generate. */
export const ACTION_INPUTS = {
  'config-path': {
    description: 'Path of the JSON configuration, from `working-directory`. Needed by every mode but `approve`.',
    required: false,
    fallback: '',
  },
  'model-s3-path': {
    description:
      'The model archive: `s3://bucket/key/model.tar.gz`. With `mode: rehearse`, or with `model-upload-path`, a local path, too. Needed by every mode but `approve`.',
    required: false,
    fallback: '',
  },
  'model-upload-path': {
    description:
      'Where a local `model-s3-path` is uploaded: `s3://bucket/prefix/`. Once, under a key of the release tag, if there is one, and the SHA-256 of its content; nothing is ever overwritten. `mode: plan` only shows where.',
    required: false,
    fallback: '',
  },
  regions: {
    description:
      'Regions to register in: `NA`, `EU`, `FE` or their AWS names (`us-east-1`, `eu-west-1`, `us-west-2`), separated by commas, blanks or newlines, or a JSON list. Default: the region of the configuration.',
    required: false,
    fallback: '',
  },
  'pipeline-role-arn': {
    description:
      'The IAM role that the pipeline and its jobs run with (not the one the workflow uses). Default: `role` of the configuration.',
    required: false,
    fallback: '',
  },
  mode: {
    description:
      '`deploy`; `plan` (build, check, compare with what is deployed; change nothing); `rehearse` (run the whole pipeline on the runner against an embedded AWS, no account needed); or `approve` (set the approval status of `model-packages`; start, upload and register nothing).',
    required: false,
    fallback: 'deploy',
  },
  'approval-status': {
    description:
      'Approval status of the packages: `PendingManualApproval`, `Approved` or `Rejected`. Default: `Approved` with `mode: approve`, `PendingManualApproval` in the other modes.',
    required: false,
    fallback: '',
  },
  'model-packages': {
    description:
      'For `mode: approve`: which packages. The output `model-packages`, `model-package-arns` or `model-package-versions` of a deployment, or ARNs, one a line; one package a region.',
    required: false,
    fallback: '',
  },
  'approval-description': {
    description: 'For `mode: approve`: why, as it stands on the package. Default: who approved, and by which run.',
    required: false,
    fallback: '',
  },
  'reject-newer': {
    description:
      'For `mode: approve`: set approved versions of the same group that are newer to `Rejected`. That is how a release is rolled back.',
    required: false,
    fallback: 'false',
  },
  'allow-foreign': {
    description: 'For `mode: approve`: take packages that this action did not register, too.',
    required: false,
    fallback: 'false',
  },
  'allow-failed-load-test': {
    description: 'For `mode: approve`: approve a package although its load test failed.',
    required: false,
    fallback: 'false',
  },
  'if-registered': {
    description:
      'When the same model with the same code and configuration is registered already: `reuse` its packages, or register `again`. `require`: start nothing; what is not registered is an error that says what differs.',
    required: false,
    fallback: 'reuse',
  },
  'load-test': {
    description:
      'After the registration, load one package by SageMaker Inference Recommender with its sample payloads, and judge it by `expected_tps` and `max_latency_in_millisecond` of the configuration: `off`, `report`, or `require` (a package that does not reach them is set to Rejected, and the job is red). Costs an endpoint for about half an hour, or longer where many calls are expected.',
    required: false,
    fallback: 'off',
  },
  'expect-plan-digest': {
    description:
      'The output `plan-digest` of the plan that was reviewed: a deployment of anything else fails before it creates something.',
    required: false,
    fallback: '',
  },
  wait: {
    description: 'Follow the pipeline execution to its end.',
    required: false,
    fallback: 'true',
  },
  'timeout-minutes': {
    description: 'Give up after so many minutes (fractions are fine). GitHub itself ends a hosted job after 360.',
    required: false,
    fallback: '120',
  },
  'on-cancel': {
    description: 'When the workflow is cancelled: `stop` the pipeline execution, or `leave` it running.',
    required: false,
    fallback: 'stop',
  },
  'on-timeout': {
    description: 'When `timeout-minutes` have passed: `stop` the pipeline execution, or `leave` it running.',
    required: false,
    fallback: 'stop',
  },
  parameters: {
    description:
      'Overrides of the open pipeline parameters, one `Name=Value` a line: `PipelineExecutionTempDir`, `InferenceInstanceType`, and where configured `KMSEncryptionKey`, `VPCEndpointSubnet`, `SecurityGroupId`.',
    required: false,
    fallback: '',
  },
  tags: {
    description: 'Tags for the pipeline and the model package group, one `key=value` a line.',
    required: false,
    fallback: '',
  },
  'execution-document': {
    description: 'Template of the execution document: a path, or JSON when it begins with `{`.',
    required: false,
    fallback: '',
  },
  'log-tail-lines': {
    description: 'How many lines of its container log are shown for a failed step; `0` for none.',
    required: false,
    fallback: '50',
  },
  'working-directory': {
    description: 'What relative paths here and in the configuration start from. Default: the workspace.',
    required: false,
    fallback: '',
  },
  'role-to-assume': {
    description:
      'Assume this role by GitHub OIDC and renew it for as long as the run lasts. Default: the standard AWS credential chain.',
    required: false,
    fallback: '',
  },
  'role-session-name': {
    description: 'Session name for `role-to-assume`.',
    required: false,
    fallback: '',
  },
  'role-duration-seconds': {
    description: 'How long one session of `role-to-assume` lasts, 900 to 43200.',
    required: false,
    fallback: '3600',
  },
  audience: {
    description: 'Audience of the OIDC token for `role-to-assume`.',
    required: false,
    fallback: 'sts.amazonaws.com',
  },
  'github-token': {
    description: 'Token for the pull-request comment of `mode: plan`.',
    required: false,
    fallback: '${{ github.token }}',
  },
  comment: {
    description: 'With `mode: plan`, keep one comment on the pull request up to date with the plan.',
    required: false,
    fallback: 'false',
  },
} as const;

export type InputName = keyof typeof ACTION_INPUTS;
