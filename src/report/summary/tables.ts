import { jobLogUrl, jobUrl, packageUrl } from '../../aws/console-urls.ts';
import type { StepState } from '../../core/runner.ts';
import { formatDuration } from '../../core/text.ts';
import { stepDurationMs } from '../../monitor/watch.ts';
import { type Check, checkCount, type CheckResult } from '../../preflight/check.ts';
import {
  consoleLink,
  folded,
  limited,
  limitedTable,
  markdownCode,
  markdownTable,
  markdownText,
  type SummaryView,
} from '../markdown.ts';
import { approvalText, type RegisteredPackage, type RunReport } from '../record.ts';
import { runDiagram } from './diagram.ts';

/** One row for each region whose package is registered. */
export function packagesSection(view: SummaryView): string {
  const { approvals, packages } = view.result;
  // Of an approval there is a section of its own, which says more.
  if (packages.length === 0 || approvals !== undefined) return '';
  const rows = packages.map((entry) => [
    `${markdownText(entry.region)} (${markdownText(entry.awsRegion)})`,
    nameOf(entry, view),
    markdownText(entry.confirmed ? approvalText(entry) : `${entry.approval}, not confirmed by the registry`),
    entry.reused ? 'earlier' : 'now',
  ]);
  const table = limitedTable(view, ['Region', 'Model package', 'Approval', 'Registered'], rows);
  // Too long for a column of the table.
  const arns = packages.map(({ arn, region }) => `- ${markdownText(region)}: ${markdownCode(arn)}`);
  return `### Model packages\n\n${table}\n\n${limited(view, arns).join('\n')}`;
}

/** What a team's own script registered is not in the registry's console. */
function nameOf({ awsRegion, confirmed, group, version }: RegisteredPackage, view: SummaryView): string {
  const name = `${group === '' ? 'unnamed' : group}${version === 0 ? '' : ` version ${version}`}`;
  return confirmed ? consoleLink(view, name, packageUrl(awsRegion, group, version)) : markdownText(name);
}

const HEADER = ['Step', 'Status', 'Duration', 'Attempts', 'Cached', 'Started'];

/** The steps as a table, and the same as a diagram. `Started` counts from the first step's start. */
export function stepsSection(view: SummaryView): string {
  const { rehearsal, steps } = view.result;
  if (steps.length === 0) return '';
  const firstMs = Math.min(...steps.flatMap(({ startedAtMs }) => startedAtMs ?? []));
  const withJobs = rehearsal !== true && steps.some(({ jobName }) => jobName !== undefined);
  const rows = steps.map((step) => [...factsOf(step, firstMs, view.nowMs), ...(withJobs ? [links(step, view)] : [])]);
  const table = limitedTable(view, [...HEADER, ...(withJobs ? ['Console'] : [])], rows);
  return ['### Steps', table, runDiagram(steps, view.nowMs)].filter((part) => part !== '').join('\n\n');
}

function factsOf(step: StepState, firstMs: number, nowMs: number): readonly string[] {
  const { attempts, cachedFrom, name, startedAtMs, status } = step;
  const took = stepDurationMs(step, nowMs);
  return [
    markdownText(name, 100),
    status === 'Failed' ? '**Failed**' : markdownText(status, 100),
    took === undefined ? '' : formatDuration(took),
    String(attempts),
    cachedFrom === undefined ? '' : 'yes',
    startedAtMs === undefined ? '' : `+${formatDuration(startedAtMs - firstMs)}`,
  ];
}

function links({ jobName: name }: StepState, view: SummaryView): string {
  if (name === undefined) return '';
  return `${consoleLink(view, 'job', jobUrl(name))}, ${consoleLink(view, 'log', jobLogUrl(name))}`;
}

const WORDS: Readonly<Record<CheckResult, string>> = {
  failed: '**failed**',
  warning: 'warning',
  suggestion: 'suggestion',
  passed: 'passed',
  'not-made': 'not made',
};

const QUIET: readonly CheckResult[] = ['passed', 'not-made'];

/** What was checked before the start: open where a reader can do something, the rest folded. */
export function checksSection(view: SummaryView): string {
  const { checks } = view.result;
  if (checks === undefined || checks.length === 0) return '';
  const open = checks.filter(({ result }) => !QUIET.includes(result));
  const rest = checks.filter(({ result }) => QUIET.includes(result));
  const parts = [
    `### Preflight\n\n${checkCount(checks)}.`,
    open.length === 0 ? '' : checkTable(open, view),
    rest.length === 0 ? '' : folded(`What ${open.length === 0 ? '' : 'else '}was checked`, checkTable(rest, view)),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function checkTable(checks: readonly Check[], view: SummaryView): string {
  const rows = checks.map((check) => [markdownText(check.name), WORDS[check.result], finding(check)]);
  return limitedTable(view, ['Check', 'Result', 'Finding'], rows);
}

/** Found, cost and fix below each other: five columns would leave no room for sentences. */
function finding({ cost, fix, found }: Check): string {
  const lines = [found, cost === undefined ? '' : `Without this check: ${cost}.`, fix ?? ''];
  return lines
    .filter((line) => line !== '')
    .map((line) => markdownText(line))
    .join('<br>');
}

/** Whole numbers as they are; of fractions what can be read. */
const SHORT = new Intl.NumberFormat('en', {
  maximumSignificantDigits: 4,
  maximumFractionDigits: 0,
  roundingPriority: 'morePrecision',
  useGrouping: false,
});

/** What the load test measured, what was expected, and how many instances the expected calls need. */
export function loadTestSection({ result }: SummaryView): string {
  const { loadTest, loadTestPlan: plan } = result;
  if (loadTest === undefined) return '';
  const said = (value: number | null, unit: string) =>
    value === null ? 'not said by the service' : `${SHORT.format(value)}${unit}`;
  const calls = plan === undefined ? '' : `at least ${plan.expectedTps * 60} (${plan.expectedTps} a second)`;
  const rows = [
    ['Invocations a minute', said(loadTest.max_invocations_per_minute, ''), calls],
    [
      'Model latency',
      said(loadTest.model_latency_ms, ' ms'),
      plan === undefined ? '' : `at most ${plan.maxLatencyMs} ms`,
    ],
    ['Cost per hour', said(loadTest.cost_per_hour_usd, ' USD'), ''],
    ['Cost per inference', said(loadTest.cost_per_inference_usd, ' USD'), ''],
    ['Errors', 'not said by the service', ''],
  ];
  const mark = { passed: '✅', failed: '❌', error: '⚠️' }[loadTest.status];
  const where = `${loadTest.region}, 1 x ${loadTest.instance_type}, job ${loadTest.job || 'not started'}`;
  return [
    '### Load test',
    `${mark} **${loadTest.status}** on ${markdownText(where)}`,
    markdownTable(['Measured', 'Value', 'Expected'], rows),
    ...loadTest.reasons.map((reason) => `- ${markdownText(reason, 1000)}`),
    headroom(loadTest),
    result.rehearsal === true ? '*Measured on this machine: the figures say nothing of an instance of AWS.*' : '',
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function headroom({ instances_needed: needed }: NonNullable<RunReport['loadTest']>): string {
  if (needed === null) return '';
  return `The expected calls need ${needed === 1 ? 'one instance' : `${needed} instances`} of this type.`;
}
