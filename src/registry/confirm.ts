import type { Aws, ModelPackage } from '../aws/types.ts';
import type { Clock } from '../core/clock.ts';
import { DeployError } from '../core/errors.ts';
import { type JsonObject, parseJsonObject, textIn } from '../core/json.ts';
import { AWS_REGIONS } from '../core/regions.ts';
import type { StepState } from '../core/runner.ts';
import { formatS3Uri, type S3Location } from '../core/s3-uri.ts';
import type { Registration } from '../plan/types.ts';
import {
  answeredPackage,
  foreignArn,
  foreignPackage,
  isIdentifier,
  mismatch,
  type OnConfirmed,
  type Registered,
} from './records.ts';

/** What became of the registrations of an execution: confirmed ones, and why others are not. */
export interface Confirmation {
  readonly confirmed: readonly Registered[];
  readonly problems: readonly DeployError[];
}

interface Found {
  readonly execution: { readonly arn: string };
  readonly step: StepState;
}

export interface ConfirmContext {
  readonly onConfirmed?: OnConfirmed;
  readonly aws: Aws;
  readonly clock: Clock;
}

/** A package can stay InProgress for a moment after its step succeeded. */
const COMPLETES_WITHIN_MS = 60_000;
const POLL_MS = 1_000;

/**
 * Asks the registry for every package whose step succeeded, side by side. Only what the registry itself calls Completed
 * is a registered package; a step that did not succeed has nothing to confirm.
 */
export async function confirmPackages(
  registrations: readonly Registration[],
  { execution, steps }: { readonly execution: { readonly arn: string }; readonly steps: readonly StepState[] },
  context: ConfirmContext,
): Promise<Confirmation> {
  const confirmed: Registered[] = [];
  const problems: DeployError[] = [];
  const work = registrations.map(async (registration) => {
    const step = steps.find(({ name }) => name === registration.stepName);
    if (step?.status !== 'Succeeded') return;
    try {
      const entry = await confirm(registration, { execution, step }, context);
      confirmed.push(entry);
      context.onConfirmed?.(entry);
    } catch (thrown) {
      problems.push(notConfirmed(registration, thrown));
    }
  });
  await Promise.all(work);
  const order = (entry: Registered) => registrations.indexOf(entry.registration);
  return { confirmed: confirmed.sort((a, b) => order(a) - order(b)), problems };
}

async function confirm(registration: Registration, found: Found, context: ConfirmContext): Promise<Registered> {
  const { execution, step } = found;
  if (registration.kind === 'native') {
    if (step.packageArn === undefined) throw new Error('the step names no model package');
    const registered = await completed(registration, step.packageArn, context);
    return { registration, package: registered, executionArn: execution.arn, confirmed: true };
  }
  const at = answerLocation(registration, execution.arn);
  const answer = await readAnswer(at, context.aws);
  const arn = textIn(answer, 'model_package_arn');
  if (arn === '') throw new Error(`${formatS3Uri(at)} names no model_package_arn`);
  if (registration.kind === 'own') {
    if (!isIdentifier(arn)) {
      throw new Error(`${formatS3Uri(at)} has a model_package_arn that is no identifier; expected one line of text`);
    }
    return { registration, package: answeredPackage(answer, arn), executionArn: execution.arn, confirmed: false };
  }
  // A file in the bucket said so, and AWS did not: what it names is checked before AWS is asked for it.
  const elsewhere = foreignArn(registration, arn);
  if (elsewhere !== undefined) throw mismatch(registration, formatS3Uri(at), elsewhere);
  const registered = await completed(registration, arn, { ...context, hint: formatS3Uri(at) });
  return { registration, package: registered, executionArn: execution.arn, confirmed: true };
}

async function completed(
  registration: Registration,
  arn: string,
  { aws, clock, hint }: ConfirmContext & { readonly hint?: string },
): Promise<ModelPackage> {
  const registry = aws.registry(AWS_REGIONS[registration.region]);
  const deadlineMs = clock.nowMs() + COMPLETES_WITHIN_MS;
  for (;;) {
    const found = await registry.describe(arn);
    const foreign = found && foreignPackage(registration, arn, found);
    if (foreign !== undefined) throw hint === undefined ? new Error(foreign) : mismatch(registration, hint, foreign);
    if (found?.status === 'Completed') return found;
    if (found?.status === 'Failed' || clock.nowMs() >= deadlineMs) {
      throw new Error(`the registry calls ${arn} ${found?.status ?? 'unknown'}; expected Completed`);
    }
    await clock.sleep(POLL_MS);
  }
}

function answerLocation({ answers }: Registration, executionArn: string): S3Location {
  const executionId = executionArn.slice(executionArn.lastIndexOf('/') + 1);
  return { bucket: answers.bucket, key: `${answers.key}/${executionId}/registration.json` };
}

async function readAnswer(location: S3Location, aws: Aws): Promise<JsonObject> {
  const stored = await aws.objects.readText(location);
  const answer = parseJsonObject(stored?.text ?? '');
  if (answer !== undefined) return answer;
  const what = stored === undefined ? 'the job left no registration.json' : 'there is no JSON object to be read';
  throw new Error(`${what} at ${formatS3Uri(location)}`);
}

function notConfirmed({ region }: Registration, thrown: unknown): DeployError {
  if (thrown instanceof DeployError && ['registration-mismatch', 'cancelled'].includes(thrown.code)) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new DeployError('not-confirmed', `The package of ${region} could not be confirmed: ${message}`, {
    advice: 'Look at the model package group in the console; running again registers only what is missing.',
    cause: thrown,
  });
}
