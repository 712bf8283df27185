import type { Execution, Prepared } from '../apply/index.ts';
import { executionUrl, jobLogUrl, jobUrl } from '../aws/console-urls.ts';
import type { Comparison } from '../compare/index.ts';
import type { Clock } from '../core/clock.ts';
import type { DeployError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { Runner, Tone } from '../core/runner.ts';
import { formatS3Uri } from '../core/s3-uri.ts';
import { formatDuration, formatSize, lastLines } from '../core/text.ts';
import type { Explanation } from '../monitor/outcome.ts';
import { verificationSentence } from '../monitor/package-report.ts';
import { planDigest } from '../plan/identity.ts';
import type { Facts, Plan } from '../plan/types.ts';
import { type Check, checkCount, type CheckResult } from '../preflight/check.ts';
import { comparisonLines } from './comparison.ts';
import { earlyOutputs, finalOutputs, type Outputs, planFile, type PlanFile } from './outputs.ts';
import { approvalText, isGreen, type RunReport } from './record.ts';
import { summaryMarkdown } from './summary/index.ts';

/** GitHub shows ten annotations of a kind a step. */
const ANNOTATIONS = 10;

interface ReportedPlan {
  readonly plan: Plan;
  readonly facts: Facts;
  /** The file that was given as the model; undefined for one in S3. */
  readonly given: string | undefined;
}

/** Tells what was planned, before anything is done. */
export function reportPlan({ plan, facts, given }: ReportedPlan, runner: Runner): void {
  const regions = plan.registrations.map(({ region }) => region).join(', ');
  const model = !plan.unknown.includes('the model')
    ? `${formatSize(facts.model.sizeBytes)}, ${facts.model.identity}`
    : 'not inspected';
  runner.info(`Model        ${given ?? facts.model.uri} (${model})`);
  runner.info(`Pipeline     ${plan.pipeline.name}, registering in ${regions}`);
  runner.info(
    `Packager     ${facts.packager.kind === 'built-in' ? 'built-in' : `own script ${facts.packager.entryPoint}`}`,
  );
  runner.info(
    `Fingerprint  ${plan.unknown.length === 0 ? plan.fingerprint : `not known without ${plan.unknown.join(', ')}`}`,
  );
  const digest = planDigest(plan);
  if (digest !== undefined) runner.info(`Plan digest  ${digest}`);
  for (const warning of plan.warnings) runner.annotate('warning', { title: 'Plan', message: warning });
  setAll(earlyOutputs({ plan }), runner);
  const document = keepJson('execution-document.json', plan.executionDocument, runner);
  runner.setOutput('execution-document-path', document);
}

/** Keeps the plan for the workflow. Written again when more of it is known: a run that is killed has left what it knew. */
export function reportPlanFile(known: PlanFile, runner: Runner): void {
  runner.setOutput('plan-path', keepJson('plan.json', planFile(known), runner));
}

/** Mode plan: the difference, whole. */
export function reportComparison(comparison: Comparison, runner: Runner): void {
  if (comparison.change !== undefined) runner.setOutput('pipeline-change', comparison.change);
  if (comparison.pipelineArn !== undefined) runner.setOutput('pipeline-arn', comparison.pipelineArn);
  for (const { text, tone } of comparisonLines(comparison)) runner.info(text, tone);
}

function keepJson(name: string, value: JsonObject, runner: Runner): string {
  return runner.keepFile(name, `${JSON.stringify(value, undefined, 2)}\n`);
}

interface Early {
  readonly plan: Plan;
  readonly prepared: Prepared;
  readonly execution?: Execution;
  readonly rehearsal?: boolean;
}

/** Outputs as soon as they are known: a job that is killed has still said what it started. */
export function reportEarly(known: Early, runner: Runner): void {
  const { prepared, execution, rehearsal } = known;
  setAll(earlyOutputs(known), runner);
  if (execution === undefined) {
    const { written, there } = prepared.uploads;
    runner.info(`Uploaded     ${written.length} files, ${there.length} were there already`);
    runner.info(`Pipeline     ${prepared.pipelineArn} (${prepared.change})`);
    return;
  }
  runner.info(`Execution    ${execution.arn}${execution.attached ? ' (started by another job; following it)' : ''}`);
  if (rehearsal !== true) runner.info(`Console      ${executionUrl(execution.arn)}`);
}

/** The end of every run: outputs, log, annotations, summary, and the colour of the job. */
export function reportRun(
  result: RunReport,
  { runner, clock }: { readonly runner: Runner; readonly clock: Clock },
): void {
  if (!isGreen(result.status)) runner.fail();
  setAll(finalOutputs(result), runner);
  tellResult(result, runner);
  runner.writeSummary(summaryMarkdown(result, clock.nowMs()));
  runner.showOutputs();
  // Last, where a reader looks first: why, and how it ended.
  if (result.error !== undefined) tellError(result.error, runner);
  tellStatus(result, runner);
}

function tellResult(result: RunReport, runner: Runner): void {
  for (const explanation of result.explanations) {
    tellExplanation(explanation, { rehearsal: result.rehearsal === true }, runner);
  }
  const { packageReport } = result;
  if (packageReport !== undefined) {
    const { verification } = packageReport;
    runner.info(
      `Package      ${packageReport.sha256}${packageReport.way === undefined ? '' : ` (${packageReport.way})`}`,
    );
    if (verification !== undefined) runner.info(`Verification ${verificationSentence(verification)}`);
    for (const warning of verification?.warnings ?? [])
      runner.annotate('warning', { title: 'Verification', message: warning });
  } else if (result.status === 'succeeded') {
    runner.info('Package      the packager wrote no package.json: no SHA-256 is known');
  }
  if (result.loadTest !== undefined) runner.info(loadTestLine(result.loadTest, result));
  if (result.packages.length > 0 && result.plan !== undefined)
    runner.info(`Archive      ${formatS3Uri(result.plan.packagedModel)}`);
}

function tellStatus(result: RunReport, runner: Runner): void {
  const { checks = [] } = result;
  if (checks.length > 0) runner.info(`Preflight    ${checkCount(checks)}`);
  for (const entry of result.packages) {
    const how = entry.reused ? 'registered already' : 'registered';
    runner.info(
      `${entry.region.padEnd(12)} ${how}: ${entry.arn} (${approvalText(entry)})${entry.confirmed ? '' : ', not confirmed by the registry'}`,
    );
  }
  const where = result.rehearsal === true ? ' (a rehearsal: nothing of this exists in an AWS account)' : '';
  runner.info(`Status       ${result.status} after ${formatDuration(result.durationMs)}${where}`);
}

/** `Load test    passed: 132 invocations a minute at 312 ms on 1 x ml.m5.large`. */
function loadTestLine(test: NonNullable<RunReport['loadTest']>, { rehearsal }: RunReport): string {
  const { max_invocations_per_minute: invocations, model_latency_ms: latency, instance_type: type } = test;
  const measured =
    invocations === null || latency === null
      ? test.reasons.join('; ')
      : `${invocations} invocations a minute at ${latency} ms`;
  const where = rehearsal === true ? `this machine, which is no ${type}` : `1 x ${type}`;
  return `Load test    ${test.status}: ${measured} on ${where}`;
}

function tellExplanation(
  { jobName, logProblem, logTail, step }: Explanation,
  { rehearsal }: { readonly rehearsal: boolean },
  runner: Runner,
): void {
  if (logProblem !== undefined) runner.info(logProblem);
  if (logTail.length > 0) runner.info(`${lastLines(logTail.length)} of the container log of ${step}:`);
  for (const line of logTail) runner.info(`  | ${line}`);
  // What ran here has no page in the console.
  if (jobName === undefined || rehearsal) return;
  runner.info(`Job          ${jobUrl(jobName)}`);
  runner.info(`Whole log    ${jobLogUrl(jobName)}`);
}

function tellError(error: DeployError, runner: Runner): void {
  const advice = error.advice === '' ? '' : ` ${error.advice}`;
  const diagnostics =
    error.diagnostics.length > 0 && error.code !== 'execution-failed'
      ? error.diagnostics
      : [{ message: error.message }];
  const title = `${error.code}`;
  for (const { message, ...rest } of diagnostics.slice(0, ANNOTATIONS)) {
    runner.annotate('error', { title, message: followed(message, diagnostics.length === 1 ? advice : ''), ...rest });
  }
  const more = error.code === 'execution-failed' ? error.diagnostics : diagnostics.slice(ANNOTATIONS);
  for (const { message } of more) runner.info(message);
  if (diagnostics.length > 1 && advice !== '') runner.info(advice.trim());
}

/** What AWS or a container says often lacks the full stop that advice needs before it. */
function followed(message: string, advice: string): string {
  return advice === '' || /[.!?:]$/.test(message) ? `${message}${advice}` : `${message}.${advice}`;
}

function setAll(outputs: Outputs, runner: Runner): void {
  for (const [name, value] of Object.entries(outputs)) runner.setOutput(name, value);
}

const TONES: Readonly<Record<CheckResult, Tone | undefined>> = {
  passed: undefined,
  suggestion: undefined,
  warning: 'changed',
  failed: 'bad',
  'not-made': 'quiet',
};

/**
 * Every check in the log, a line or a few each, and then the warnings, where a folded group hides none of them. What to
 * do about a warning stands in its annotation, not here, too.
 */
export function reportChecks(
  checks: readonly Check[],
  runner: Pick<Runner, 'info' | 'annotate' | 'group'>,
  title = 'Preflight',
): void {
  if (checks.length === 0) return;
  runner.group(`${title}: ${checkCount(checks)}`, () => {
    for (const check of checks) {
      const { found, name, result } = check;
      runner.info(`${label(result).padEnd(12)} ${name.padEnd(16)} ${found}`, TONES[result]);
      if (result === 'passed' || result === 'warning') continue;
      for (const sentence of restOf(check)) runner.info(`${indent}${sentence}`, TONES[result]);
    }
  });
  for (const check of checks.filter(({ result }) => result === 'warning')) {
    const message = [check.found, ...restOf(check)].join(' ');
    runner.annotate('warning', { title: `Preflight: ${check.name}`, message });
  }
}

function restOf(check: Check): readonly string[] {
  return [costSentence(check), check.fix].filter((sentence) => sentence !== undefined);
}

function costSentence({ cost }: Check): string | undefined {
  return cost === undefined ? undefined : `Without this check: ${cost}.`;
}

const indent = ' '.repeat(30);

function label(result: CheckResult): string {
  return result === 'not-made' ? 'not made' : result;
}
