import { markdownText } from '../markdown.ts';
import { isGreen, type Result, type Status } from '../record.ts';
import type { View } from './view.ts';

const TITLES: Readonly<Record<Status, string>> = {
  succeeded: 'Registered',
  reused: 'Registered already',
  started: 'Started',
  planned: 'Planned',
  failed: 'Failed',
  stopped: 'Stopped',
  cancelled: 'Cancelled',
  'timed-out': 'Timed out',
};

/** `## ✅ Registered: name`; of a rehearsal `## ✅ Rehearsal succeeded: name`. */
export function titleSection({ result }: View): string {
  const { rehearsal, status, plan } = result;
  const title = rehearsal === true ? `Rehearsal ${status}` : TITLES[status];
  return `## ${isGreen(status) ? '✅' : '❌'} ${title}: ${markdownText(plan?.pipeline.name ?? 'deployment to SageMaker')}`;
}

export function rehearsalSection({ result }: View): string {
  if (result.rehearsal !== true) return '';
  return [
    '> [!IMPORTANT]',
    '> This was a rehearsal on the runner, against an AWS that was started for it: nothing that is named here exists in',
    '> an AWS account, and no ARN, bucket or version below can be used.',
  ].join('\n');
}

/** All warnings of the run, each once. */
export function warningsOf({ warnings, plan, packageReport }: Result): readonly string[] {
  return [...new Set([...warnings, ...(plan?.warnings ?? []), ...(packageReport?.verification?.warnings ?? [])])];
}
