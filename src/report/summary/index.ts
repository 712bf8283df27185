import { approvalsSection } from '../approvals.ts';
import { comparisonMarkdown } from '../comparison.ts';
import { type Limits, markdownText, type SummaryView } from '../markdown.ts';
import { isGreen, type RunReport, type Status } from '../record.ts';
import { deploymentSection, packageSection, warningsSection } from './facts.ts';
import { causeSection, explanationSections, leadSection } from './lead.ts';
import { checksSection, loadTestSection, packagesSection, stepsSection } from './tables.ts';

/** GitHub refuses a summary over 1 MiB a step whole; some is left for what else the step writes. */
const SUMMARY_BYTES = 1024 * 1024 - 4096;

/** From everything to the least; what fits first is taken. */
const LIMITS: readonly [Limits, ...Limits[]] = [
  { logLines: Infinity, rows: Infinity, comparison: { uploads: true, diffLines: 2000 } },
  { logLines: 200, rows: 200, comparison: { uploads: true, diffLines: 500 } },
  { logLines: 20, rows: 40, comparison: { uploads: false, diffLines: 100 } },
  { logLines: 0, rows: 10, comparison: { uploads: false, diffLines: 20 } },
];

const CUT_NOTE = '*Shortened: GitHub shows 1 MiB. The log of this step has the rest.*';

/** The job summary: the cause first where there is one, then packages, steps and what was deployed. */
export function summaryMarkdown(result: RunReport, nowMs: number): string {
  let sections: readonly string[] = [];
  for (const limits of LIMITS) {
    sections = sectionsOf({ result, nowMs, limits });
    if (limits !== LIMITS[0]) sections = [...sections.slice(0, 1), CUT_NOTE, ...sections.slice(1)];
    if (sizeOf(sections) <= SUMMARY_BYTES) break;
  }
  // Sections are whole in themselves: leaving out the last ones leaves nothing open.
  while (sizeOf(sections) > SUMMARY_BYTES) sections = sections.slice(0, -1);
  return joined(sections);
}

/** The most important ones first. */
function sectionsOf(view: SummaryView): readonly string[] {
  const { comparison } = view.result;
  return [
    titleSection(view),
    rehearsalSection(view),
    causeSection(view),
    leadSection(view),
    ...explanationSections(view),
    approvalsSection(view),
    packagesSection(view),
    loadTestSection(view),
    stepsSection(view),
    comparison === undefined ? '' : comparisonMarkdown(comparison, view.limits.comparison),
    packageSection(view),
    warningsSection(view),
    checksSection(view),
    deploymentSection(view),
  ].filter((section) => section !== '');
}

function joined(sections: readonly string[]): string {
  return `${sections.join('\n\n')}\n`;
}

function sizeOf(sections: readonly string[]): number {
  return Buffer.byteLength(joined(sections));
}

const TITLES: Readonly<Record<Status, string>> = {
  succeeded: 'Registered',
  reused: 'Registered already',
  started: 'Started',
  planned: 'Planned',
  approved: 'Approved',
  rejected: 'Rejected',
  failed: 'Failed',
  stopped: 'Stopped',
  cancelled: 'Cancelled',
  'timed-out': 'Timed out',
};

/** `## ✅ Registered: name`; of a rehearsal `## ✅ Rehearsal succeeded: name`. */
function titleSection({ result }: SummaryView): string {
  const { approvals, rehearsal, status, plan } = result;
  const title = rehearsal === true ? `Rehearsal ${status}` : TITLES[status];
  const name = plan?.pipeline.name ?? approvals?.[0]?.package.group ?? 'deployment to SageMaker';
  return `## ${isGreen(status) ? '✅' : '❌'} ${title}: ${markdownText(name)}`;
}

function rehearsalSection({ result }: SummaryView): string {
  if (result.rehearsal !== true) return '';
  return [
    '> [!IMPORTANT]',
    '> This was a rehearsal on the runner, against an AWS that was started for it: nothing that is named here exists in',
    '> an AWS account, and no ARN, bucket or version below can be used.',
  ].join('\n');
}
