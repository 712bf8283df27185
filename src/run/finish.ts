import type { Aws } from '../aws/types.ts';
import { asDeployError, DeployError } from '../core/errors.ts';
import { AWS_REGIONS } from '../core/regions.ts';
import { printableLine } from '../core/text.ts';
import { modelIdentity } from '../inspect/index.ts';
import { type Ending, explainFailures, nameSteps, outcomeError } from '../monitor/outcome.ts';
import { type PackageReport, readPackageReport } from '../monitor/package-report.ts';
import type { Outcome } from '../monitor/watch.ts';
import { metadataValue } from '../plan/model-package.ts';
import type { Registration } from '../plan/types.ts';
import { confirmPackages } from '../registry/confirm.ts';
import { recordRegistration, type Registered } from '../registry/records.ts';
import { recordEnd, recordPackage, type RunRecord, type Status, withdrawPackages } from '../report/record.ts';
import type { RunContext, StartedDeployment } from './dependencies.ts';
import { testUnderLoad } from './load-test.ts';

export interface FinishContext extends RunContext, StartedDeployment {
  readonly ending: Ending;
}

/**
 * Confirms with the registry, records what is confirmed and explains what is not. Never green without a confirmed
 * package in every region that was asked for.
 */
export async function finish(outcome: Outcome, context: FinishContext): Promise<void> {
  const { aws, record, plan, missing, execution, inputs } = context;
  const [{ confirmed, problems }, explanations, packageReport, named] = await Promise.all([
    confirmPackages(
      missing,
      { execution, steps: outcome.steps },
      {
        ...context,
        onConfirmed: (entry) => recordPackage(record, entry, { reused: false }),
      },
    ),
    explainFailures(outcome.steps, aws, inputs.logTailLines),
    readPackageReport(plan.packageReport, aws).catch(() => undefined),
    // GitHub ends a cancelled job soon: what is only convenient is not asked for any more.
    outcome.kind === 'cancelled' ? { steps: outcome.steps, problems: [] } : nameSteps(outcome.steps, aws),
  ]);
  record.steps = named.steps;
  for (const problem of named.problems) context.runner.info(problem);
  record.explanations = explanations;
  record.packageReport = packageReport;
  const changed = confirmed.length > 0 ? await rejectIfModelChanged(confirmed, context) : undefined;
  if (changed?.code === 'model-changed') withdrawPackages(record, confirmed);
  // What is registered stays in the record, also where it could not be written down in S3 or checked.
  const unkept =
    changed === undefined
      ? await keep(confirmed, packageReport, context).then(() => undefined, asDeployError)
      : undefined;
  const error =
    changed ??
    outcomeError(outcome, { ...context, explanations, suspicions: suspicions(record) }) ??
    problems[0] ??
    incomplete(confirmed, missing) ??
    unkept;
  const tested = error === undefined ? await testUnderLoad(context, context) : undefined;
  recordEnd(record, tested?.status ?? statusOf(outcome, error), tested?.error ?? error);
}

/** Checks of what is packaged that found something and let it pass: the likely cause where the package cannot answer. */
const OF_PACKAGE: readonly string[] = ['model-archive', 'model-code', 'entry-point', 'images'];

function suspicions({ checks }: RunRecord): readonly string[] {
  return (checks ?? [])
    .filter(({ name, result }) => OF_PACKAGE.includes(name) && (result === 'warning' || result === 'suggestion'))
    .map(({ found, fix }) => printableLine(`${found} ${fix ?? ''}`));
}

/** The archive is inspected again: what was registered must be what was planned. */
async function rejectIfModelChanged(
  confirmed: readonly Registered[],
  context: FinishContext,
): Promise<DeployError | undefined> {
  const { aws, inputs, plan } = context;
  const now = await aws.objects.head(inputs.model).catch(asDeployError);
  if (now instanceof DeployError) return now;
  const planned = plan.parameters['ModelIdentity'];
  if (now !== undefined && modelIdentity(now) === planned) return undefined;
  // SageMaker does not know what a team's own script registered elsewhere.
  const inRegistry = confirmed.filter(({ registration }) => registration.kind !== 'own');
  const rejections = await Promise.all(inRegistry.map((entry) => rejectChanged(entry, aws)));
  const refused = rejections.find((error) => error !== undefined);
  const is = now === undefined ? 'is gone' : `is ${modelIdentity(now)}`;
  const message = [
    `${inputs.model.uri} changed during the run: it was ${planned} and now ${is}.`,
    arnSentence(
      'Set to Rejected',
      inRegistry.filter((_, index) => rejections[index] === undefined),
    ),
    arnSentence(
      'Not set to Rejected',
      inRegistry.filter((_, index) => rejections[index] !== undefined),
    ),
    refused?.message ?? '',
    arnSentence(
      'Still in your own inventory',
      confirmed.filter((entry) => !inRegistry.includes(entry)),
    ),
  ];
  const byHand = refused === undefined ? '' : ' Reject what is left: mode: approve with approval-status: Rejected.';
  return new DeployError('model-changed', message.filter((part) => part !== '').join(' '), {
    advice: `Upload a release once, under a path of its own, and run again.${byHand}`,
    cause: refused,
  });
}

/** Why it could not be rejected: a role that only deploys may set no such status. */
function rejectChanged({ registration, package: found }: Registered, aws: Aws): Promise<DeployError | undefined> {
  const why = 'The model archive changed while it was being packaged';
  const setting = registryOf(aws, registration).setApproval(found.arn, 'Rejected', why);
  return setting.then(() => undefined, asDeployError);
}

function arnSentence(what: string, entries: readonly Registered[]): string {
  return entries.length === 0 ? '' : `${what}: ${arnsOf(entries)}.`;
}

function arnsOf(entries: readonly Registered[]): string {
  return entries.map(({ package: found }) => found.arn).join(', ');
}

async function keep(
  confirmed: readonly Registered[],
  report: PackageReport | undefined,
  context: FinishContext,
): Promise<void> {
  const { aws, clock } = context;
  await Promise.all(
    confirmed.map(async (entry) => {
      if (entry.registration.kind !== 'own') {
        const metadata = lateMetadata(entry.registration, report, context.context);
        await registryOf(aws, entry.registration).addMetadata(entry.package.arn, metadata);
      }
      await recordRegistration(aws, entry, clock.nowMs());
    }),
  );
}

/** What no step can know: the digest of what it registers, and whose run this is (the definition serves every run). */
function lateMetadata(
  { fingerprint }: Registration,
  report: PackageReport | undefined,
  { releaseTag, actor }: FinishContext['context'],
): Readonly<Record<string, string>> {
  return {
    registration_fingerprint: fingerprint,
    ...(report === undefined ? {} : { package_sha256: report.sha256, ...verificationMetadata(report) }),
    ...(releaseTag === undefined ? {} : { release_tag: metadataValue(releaseTag) }),
    ...(actor === undefined ? {} : { actor: metadataValue(actor) }),
  };
}

/** Whoever approves the package later sees whether it answered its sample payloads, without access to S3. */
function verificationMetadata({ verification }: PackageReport): Readonly<Record<string, string>> {
  if (verification === undefined) return {};
  const { reason, status } = verification;
  const why = reason === undefined ? {} : { verification_reason: metadataValue(reason) };
  return { verification: metadataValue(status), ...why };
}

function registryOf(aws: Aws, { region }: Registration) {
  return aws.registry(AWS_REGIONS[region]);
}

/** An execution can succeed without every registration having run, for one that somebody else started. */
function incomplete(confirmed: readonly Registered[], missing: readonly Registration[]): DeployError | undefined {
  const without = missing.filter((registration) => !confirmed.some((entry) => entry.registration === registration));
  if (without.length === 0) return undefined;
  return new DeployError(
    'not-confirmed',
    `The execution succeeded, but no package was registered in ${without.map(({ region }) => region).join(', ')}.`,
    {
      advice: 'Run again: only what is missing is registered.',
    },
  );
}

function statusOf(outcome: Outcome, error: DeployError | undefined): Status {
  if (error === undefined) return 'succeeded';
  if (error.code === 'cancelled') return 'cancelled';
  return outcome.kind === 'succeeded' ? 'failed' : outcome.kind;
}
