/** Pages of the AWS console, in the forms that the action prints: whether they open is for a person to see. */
import type { Account } from './account.ts';
import { HOME } from './account.ts';

const CONSOLE = `https://${HOME}.console.aws.amazon.com`;

export function linkExecution(account: Account, executionArn: string): void {
  const [, pipeline = '', , execution = ''] = executionArn.split(':').slice(5).join(':').split('/');
  const page = `${CONSOLE}/sagemaker/home?region=${HOME}#/pipelines/${pipeline}/executions/${execution}/graph`;
  account.link('A pipeline execution, as a graph', page);
}

export function linkGroup(account: Account, group: string): void {
  account.link('A model package group', `${CONSOLE}/sagemaker/home?region=${HOME}#/model-packages/${group}`);
}

export function linkJob(account: Account, job: string): void {
  account.link('A processing job', `${CONSOLE}/sagemaker/home?region=${HOME}#/processing-jobs/${job}`);
  const group = '$252Faws$252Fsagemaker$252FProcessingJobs';
  const streams = `logsV2:log-groups/log-group/${group}$3FlogStreamNameFilter$3D${job}`;
  account.link('The log streams of a processing job', `${CONSOLE}/cloudwatch/home?region=${HOME}#${streams}`);
}
