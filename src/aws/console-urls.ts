import { PIPELINE_REGION } from '../core/regions.ts';

/** `arn:aws:sagemaker:us-east-1:123456789012:pipeline/name/execution/abc` in the AWS console. */
export function executionUrl(executionArn: string): string {
  const [, pipeline = '', , execution = ''] = resource(executionArn).split('/');
  return `${console(PIPELINE_REGION)}#/pipelines/${encoded(pipeline)}/executions/${encoded(execution)}/graph`;
}

export function jobUrl(jobName: string): string {
  return `${console(PIPELINE_REGION)}#/processing-jobs/${encoded(jobName)}`;
}

/** All log streams of a processing job. */
export function jobLogUrl(jobName: string): string {
  // The console's own double encoding: `$252F` is a slash, `$3F` a question mark, `$3D` an equals sign.
  const group = '$252Faws$252Fsagemaker$252FProcessingJobs';
  const host = `https://${PIPELINE_REGION}.console.aws.amazon.com/cloudwatch/home?region=${PIPELINE_REGION}`;
  return `${host}#logsV2:log-groups/log-group/${group}$3FlogStreamNameFilter$3D${encoded(jobName)}`;
}

/** A version of a group; the group's page lists it. */
export function packageUrl(awsRegion: string, group: string, version: number): string {
  return `${console(awsRegion)}#/model-packages/${encoded(group)}/${version}`;
}

// encodeURIComponent throws at half a surrogate pair.
function encoded(part: string): string {
  return encodeURIComponent(part.toWellFormed());
}

function console(awsRegion: string): string {
  return `https://${awsRegion}.console.aws.amazon.com/sagemaker/home?region=${awsRegion}`;
}

function resource(arn: string): string {
  return arn.split(':').slice(5).join(':');
}
