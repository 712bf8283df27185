import { formatS3Uri } from '../aws/s3-uri.ts';
import type { Explanation } from '../explain.ts';
import type { Verification } from '../package-report.ts';
import { isGreen, type Result } from '../result.ts';
import { stepDurationMs } from '../step-lines.ts';
import { formatDuration, formatSize } from '../text/units.ts';
import { executionUrl, groupUrl, jobLogUrl, jobUrl } from './console-url.ts';
import { markdownBlock, markdownCode, markdownLink, markdownTable, markdownText } from './markdown.ts';

/** GitHub takes 1 MiB a step; more would be refused whole. */
const SUMMARY_BYTES = 1024 * 1024;

const TITLES: Readonly<Record<Result['status'], string>> = {
  succeeded: 'Registered',
  reused: 'Registered already',
  started: 'Started',
  planned: 'Planned',
  failed: 'Failed',
  stopped: 'Stopped',
  cancelled: 'Cancelled',
  'timed-out': 'Timed out',
};

/** The job summary: the cause first where there is one, then packages, steps and what was deployed. */
export function summaryMarkdown(result: Result, nowMs: number): string {
  const sections = [
    `## ${isGreen(result.status) ? '✅' : '❌'} ${TITLES[result.status]}: ${markdownText(result.plan?.pipeline.name ?? 'deployment to SageMaker')}`,
    causeSection(result),
    packagesSection(result),
    stepsSection(result, nowMs),
    factsSection(result),
    ...result.explanations.map(logSection),
  ];
  return cut(`${sections.filter((section) => section !== '').join('\n\n')}\n`);
}

function causeSection({ error }: Result): string {
  if (error === undefined) return '';
  const advice = error.advice === '' ? '' : `\n>\n> ${markdownText(error.advice)}`;
  const lines = error.message.split('\n').map((line) => `> ${markdownText(line, 1500)}`);
  return `> [!CAUTION]\n${lines.join('\n>\n')}${advice}`;
}

function packagesSection({ packages }: Result): string {
  if (packages.length === 0) return '';
  const rows = packages.map((entry) => [
    `${entry.region} (${entry.awsRegion})`,
    markdownLink(`${entry.group} version ${entry.version}`, groupUrl(entry.awsRegion, entry.group)),
    markdownText(entry.confirmed ? entry.approval : `${entry.approval}, not confirmed`),
    entry.reused ? 'earlier' : 'now',
    markdownCode(entry.arn),
  ]);
  return `### Model packages\n\n${markdownTable(['Region', 'Package', 'Approval', 'Registered', 'ARN'], rows)}`;
}

function stepsSection({ steps }: Result, nowMs: number): string {
  if (steps.length === 0) return '';
  const rows = steps.map((step) => {
    const took = stepDurationMs(step, nowMs);
    return [
      markdownText(step.name),
      markdownText(step.status),
      took === undefined ? '' : formatDuration(took),
      String(step.attempts),
      step.cachedFrom === undefined ? '' : 'yes',
    ];
  });
  return `### Steps\n\n${markdownTable(['Step', 'Status', 'Duration', 'Attempts', 'Cached'], rows)}`;
}

function factsSection(result: Result): string {
  const { plan, prepared, execution, packageReport } = result;
  if (plan === undefined) return '';
  const { parameters } = plan;
  const verification = packageReport?.verification;
  const rows: (readonly [string, string] | undefined)[] = [
    ['Model', markdownCode(parameters['ModelS3Path'] ?? '')],
    ['Package', markdownCode(formatS3Uri(plan.packagedModel))],
    packageReport === undefined ? undefined : ['SHA-256', markdownCode(packageReport.sha256)],
    packageReport?.sizeBytes === undefined ? undefined : ['Size', formatSize(packageReport.sizeBytes)],
    packageReport?.way === undefined ? undefined : ['Packaged', markdownText(packageReport.way)],
    verification === undefined ? undefined : ['Verification', markdownText(verificationText(verification))],
    ['Fingerprint', markdownCode(plan.fingerprint)],
    ['Commit', markdownCode(parameters['GitCommit'] ?? 'none')],
    ['Ref', markdownCode(parameters['GitRef'] ?? 'none')],
    prepared === undefined ? undefined : ['Pipeline', markdownText(`${plan.pipeline.name} (${prepared.change})`)],
    execution === undefined ? undefined : ['Execution', markdownLink(execution.arn, executionUrl(execution.arn))],
    ['Took', formatDuration(result.durationMs)],
  ];
  const warnings = plan.warnings.map((warning) => `- ⚠️ ${markdownText(warning)}`).join('\n');
  const table = markdownTable(
    ['What', 'Value'],
    rows.filter((row) => row !== undefined),
  );
  return `### Deployment\n\n${table}${warnings === '' ? '' : `\n\n${warnings}`}`;
}

/** `passed: payload_text_csv_0.csv in 0.4 ms, ...`, or why it was skipped. */
function verificationText({ status, reason, payloads }: Verification): string {
  const latencies = payloads.map(({ file, medianMs }) => (medianMs === undefined ? file : `${file} in ${medianMs} ms`));
  const details = [reason, latencies.join(', ')].filter((part) => part !== undefined && part !== '');
  return [status, ...details].join(': ');
}

function logSection(explanation: Explanation): string {
  const { jobName, logTail, logProblem } = explanation;
  const links =
    jobName === undefined ? '' : `${markdownLink('job', jobUrl(jobName))}, ${markdownLink('log', jobLogUrl(jobName))}`;
  const problem = logProblem === undefined ? '' : `${markdownText(logProblem)}\n\n`;
  const attempts = explanation.attempts > 1 ? `, ${explanation.attempts} attempts` : '';
  const head = `<summary>${markdownText(explanation.step)}${attempts}: last ${logTail.length} lines of the container log</summary>`;
  const body = logTail.length === 0 ? '' : `<details>\n${head}\n\n${markdownBlock(logTail)}\n\n</details>`;
  return `### ${markdownText(explanation.step)}\n\n${markdownText(explanation.reason, 2000)}\n\n${links}\n\n${problem}${body}`;
}

function cut(markdown: string): string {
  const bytes = Buffer.from(markdown);
  if (bytes.length <= SUMMARY_BYTES) return markdown;
  const note = '\n\n*The summary was cut at 1 MiB.*\n';
  return (
    bytes
      .subarray(0, SUMMARY_BYTES - Buffer.byteLength(note))
      .toString('utf8')
      .replace(/\ufffd+$/, '') + note
  );
}
