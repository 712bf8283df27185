import { executionUrl, jobLogUrl, jobUrl, packageUrl } from '../src/aws/console-urls.ts';
import type { Account } from './account.ts';
import { HOME } from './clients.ts';

/** Pages of the AWS console, as the action links to them: whether they open is for a person to see. */

export function linkExecution(account: Account, executionArn: string): void {
  account.link('A pipeline execution, as a graph', executionUrl(executionArn));
}

export function linkPackage(account: Account, group: string, version: number): void {
  account.link('A version of a model package group', packageUrl(HOME, group, version));
}

export function linkJob(account: Account, job: string): void {
  account.link('A processing job', jobUrl(job));
  account.link('The log streams of a processing job', jobLogUrl(job));
}
