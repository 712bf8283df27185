import type { Execution, Prepared } from '../apply/index.ts';
import { formatS3Uri } from '../aws/s3-uri.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/index.ts';
import type { DeployError } from '../errors.ts';
import type { Explanation } from '../explain.ts';
import type { JsonObject } from '../json.ts';
import type { Facts, Plan } from '../plan/types.ts';
import { isGreen, type Result } from '../result.ts';
import type { Runner } from '../runner.ts';
import { formatDuration, formatSize } from '../text/units.ts';
import { executionUrl, jobLogUrl, jobUrl } from './console-url.ts';
import { earlyOutputs, finalOutputs, type Outputs } from './outputs.ts';
import { planFile } from './plan-file.ts';
import { summaryMarkdown } from './summary.ts';

/** GitHub shows ten annotations of a kind a step. */
const ANNOTATIONS = 10;

interface Planned {
  readonly config: Config;
  readonly plan: Plan;
  readonly facts: Facts;
}

/** Tells what was planned, before anything is done. */
export function reportPlan({ config, plan, facts }: Planned, runner: Runner): void {
  const regions = plan.registrations.map(({ region }) => region).join(', ');
  runner.info(`Model        ${facts.model.uri} (${formatSize(facts.model.sizeBytes)}, ${facts.model.identity})`);
  runner.info(`Pipeline     ${plan.pipeline.name}, registering in ${regions}`);
  runner.info(
    `Packager     ${facts.packager.kind === 'built-in' ? 'built-in' : `own script ${facts.packager.entryPoint}`}`,
  );
  runner.info(`Fingerprint  ${plan.fingerprint}`);
  for (const warning of plan.warnings) runner.annotate('warning', { title: 'Plan', message: warning });
  setAll(earlyOutputs({ plan }), runner);
  const keep = (name: string, value: JsonObject) => runner.keepFile(name, `${JSON.stringify(value, undefined, 2)}\n`);
  runner.setOutput('plan-path', keep('plan.json', planFile(config, plan)));
  runner.setOutput('execution-document-path', keep('execution-document.json', plan.executionDocument));
}

/** Outputs as soon as they are known: a job that is killed has still told what it started. */
export function reportEarly(known: { plan: Plan; prepared: Prepared; execution?: Execution }, runner: Runner): void {
  const { prepared, execution } = known;
  setAll(earlyOutputs(known), runner);
  if (execution === undefined) {
    const { written, there } = prepared.uploads;
    runner.info(`Uploaded     ${written.length} files, ${there.length} were there already`);
    runner.info(`Pipeline     ${prepared.pipelineArn} (${prepared.change})`);
    return;
  }
  runner.info(`Execution    ${execution.arn}${execution.attached ? ' (started by another job; following it)' : ''}`);
  runner.info(`Console      ${executionUrl(execution.arn)}`);
}

/** The end of every run: outputs, log, annotations, summary, and the colour of the job. */
export function reportResult(
  result: Result,
  { runner, clock }: { readonly runner: Runner; readonly clock: Clock },
): void {
  setAll(finalOutputs(result), runner);
  tellResult(result, runner);
  runner.writeSummary(summaryMarkdown(result, clock.nowMs()));
  if (result.error !== undefined) tellError(result.error, runner);
  if (!isGreen(result.status)) runner.fail();
}

function tellResult(result: Result, runner: Runner): void {
  for (const explanation of result.explanations) {
    tellExplanation(explanation, runner);
  }
  const { packageReport } = result;
  if (packageReport !== undefined) {
    const { verification } = packageReport;
    runner.info(
      `Package      ${packageReport.sha256}${packageReport.way === undefined ? '' : ` (${packageReport.way})`}`,
    );
    if (verification !== undefined)
      runner.info(`Verification ${[verification.status, verification.reason].filter(Boolean).join(': ')}`);
    for (const warning of verification?.warnings ?? [])
      runner.annotate('warning', { title: 'Verification', message: warning });
  } else if (result.status === 'succeeded') {
    runner.info('Package      the packager wrote no package.json: no SHA-256 is known');
  }
  for (const entry of result.packages) {
    const how = entry.reused ? 'registered already' : 'registered';
    runner.info(
      `${entry.region.padEnd(12)} ${how}: ${entry.arn} (${entry.approval})${entry.confirmed ? '' : ', not confirmed by the registry'}`,
    );
  }
  if (result.packages.length > 0 && result.plan !== undefined)
    runner.info(`Archive      ${formatS3Uri(result.plan.packagedModel)}`);
  runner.info(`Status       ${result.status} after ${formatDuration(result.durationMs)}`);
}

function tellExplanation({ jobName, logProblem, logTail, step }: Explanation, runner: Runner): void {
  if (logProblem !== undefined) runner.info(logProblem);
  if (logTail.length > 0) runner.info(`Last ${logTail.length} lines of the container log of ${step}:`);
  for (const line of logTail) runner.info(`  | ${line}`);
  if (jobName === undefined) return;
  runner.info(`Job          ${jobUrl(jobName)}`);
  runner.info(`Whole log    ${jobLogUrl(jobName)}`);
}

function tellError(error: DeployError, runner: Runner): void {
  const advice = error.advice === '' ? '' : ` ${error.advice}`;
  const findings =
    error.findings.length > 0 && error.code !== 'execution-failed' ? error.findings : [{ message: error.message }];
  const title = `${error.code}`;
  for (const { message, ...rest } of findings.slice(0, ANNOTATIONS)) {
    runner.annotate('error', { title, message: `${message}${findings.length === 1 ? advice : ''}`, ...rest });
  }
  const more = error.code === 'execution-failed' ? error.findings : findings.slice(ANNOTATIONS);
  for (const { message } of more) runner.info(message);
  if (findings.length > 1 && advice !== '') runner.info(advice.trim());
}

function setAll(outputs: Outputs, runner: Runner): void {
  for (const [name, value] of Object.entries(outputs)) runner.setOutput(name, value);
}
