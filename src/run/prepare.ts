import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Aws } from '../aws/types.ts';
import type { Config } from '../config/index.ts';
import { asDeployError, cancelledBeforeStart, DeployError, type Result, resultOf } from '../core/errors.ts';
import { digestFile, type Files } from '../core/files.ts';
import type { Runner } from '../core/runner.ts';
import { formatS3Uri, type S3Location } from '../core/s3-uri.ts';
import { formatSize } from '../core/text.ts';
import type { Inputs } from '../inputs/index.ts';
import { inspectRegions } from '../inspect/buckets.ts';
import { factsOf, inspect, type Inspection, withUploadedModel } from '../inspect/index.ts';
import { planDigest } from '../plan/identity.ts';
import { buildPlan } from '../plan/plan.ts';
import type { Facts, Plan, Request } from '../plan/types.ts';
import { type Check, preflight, refusal, regionalChecks, wordedCheck } from '../preflight/index.ts';
import { reportChecks } from '../report/index.ts';
import type { Dependencies, RunContext } from './dependencies.ts';

/** What a run is asked for, read and checked. */
export interface RunRequest {
  readonly inputs: Inputs;
  readonly config: Config;
  readonly request: Request;
}

/** What was found, what is planned on it, and how it was judged. */
export interface Preparation {
  readonly inspection: Inspection;
  readonly facts: Facts;
  readonly plan: Result<Plan>;
  readonly checks: readonly Check[];
}

/**
 * Inspects, plans and checks; nothing is changed, but a deployment's local archive is uploaded where nothing is wrong.
 * Throws only for a defect, or a failed upload: what is wrong is in the checks.
 */
export async function prepareRun(
  run: RunRequest,
  context: RunContext & { readonly files: Files },
): Promise<Preparation> {
  const inspection = await inspect(run.config, run.inputs, context);
  const prepared = await judge(run, inspection);
  if (run.inputs.mode !== 'deploy' || run.inputs.model.file === undefined) return prepared;
  // Only what preflight lets through is uploaded; then it is known as what.
  if (refusal(prepared.checks, inspection) !== undefined) return prepared;
  refuseCancelled(context);
  await uploadModel(run.inputs, context);
  return judge(run, await withUploadedModel(inspection, run.inputs, context.aws));
}

/** Plans and checks. */
async function judge(run: RunRequest, inspection: Inspection): Promise<Preparation> {
  const { inputs, config, request } = run;
  const facts = factsOf(inspection, inputs, request);
  const plan = await resultOf(buildPlan(config, facts, request));
  if (!plan.ok && plan.error.code === 'internal') throw asDeployError(plan.error);
  return { inspection, facts, plan, checks: preflight({ config, inputs, request, inspection, plan }) };
}

/** Checks what the given regions need, and adds it to the record. */
export async function checkRegions(
  registrations: Plan['registrations'],
  config: Config,
  { aws, runner, record }: RunContext,
): Promise<readonly Check[]> {
  const found = regionalChecks(await inspectRegions(registrations, config, aws));
  const checks = found.map((check) => wordedCheck(check, runner.words));
  record.checks = [...(record.checks ?? []), ...checks];
  reportChecks(checks, runner, 'Preflight by region');
  return checks;
}

/** @throws DeployError `plan-changed` where another plan was reviewed than the one that would be carried out */
export function refuseOtherPlan(plan: Plan, { expectPlanDigest }: Inputs): void {
  const digest = planDigest(plan);
  if (expectPlanDigest === undefined || digest === expectPlanDigest) return;
  throw new DeployError(
    'plan-changed',
    `What would be deployed is not what was reviewed: its plan has the digest ${digest ?? 'unknown'}; expected ${expectPlanDigest} (input expect-plan-digest).`,
    {
      advice:
        'Nothing was created. Run mode: plan with this commit, this version of the action and these inputs, have what it shows reviewed, and give its plan-digest.',
    },
  );
}

export function refuseCancelled({ cancelled }: { readonly cancelled: AbortSignal }): void {
  if (cancelled.aborted) throw cancelledBeforeStart();
}

/**
 * The inputs with the place of a local archive: where it is given, or by its content. A rehearsal knows its own.
 * @throws DeployError `model-missing` where there is no such file
 */
export async function locateModel(
  inputs: Inputs,
  { files, context, upload }: Pick<Dependencies, 'context' | 'upload'> & { readonly files: Files },
): Promise<Inputs> {
  const { model, mode } = inputs;
  const file = upload ?? model.file;
  if (file === undefined || mode === 'rehearse') return inputs;
  const path = files.resolve(file);
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) {
    const what = found === undefined ? 'does not exist' : 'is no file';
    const named = upload === undefined ? 'input model-s3-path' : '--upload';
    throw new DeployError('model-missing', `The model archive ${path} ${what} (${named}).`, {
      advice:
        upload === undefined
          ? 'Name a local .tar.gz, from working-directory, or s3://bucket/key/model.tar.gz.'
          : 'Name a local .tar.gz, or leave --upload out where the model is in S3 already.',
    });
  }
  const place = model.uploadPrefix === undefined ? model : await placeOf(path, model.uploadPrefix, context.releaseTag);
  const prefix = model.uploadPrefix === undefined ? {} : { uploadPrefix: model.uploadPrefix };
  return { ...inputs, model: { bucket: place.bucket, key: place.key, uri: formatS3Uri(place), file: path, ...prefix } };
}

/** `prefix/1.3.0/{sha256}/model.tar.gz`: the same archive of the same release is one object, whoever uploads it. */
async function placeOf(path: string, prefix: S3Location, releaseTag: string | undefined): Promise<S3Location> {
  const parts = [
    prefix.key.replace(/\/+$/, ''),
    (releaseTag ?? '').replace(/[^\w.+-]+/g, '-'),
    await digestFile(path),
    basename(path).replace(/[^\w.+-]+/g, '-'),
  ];
  return { bucket: prefix.bucket, key: parts.filter((part) => part !== '').join('/') };
}

/**
 * Puts the archive where the run reads it, once.
 * @throws DeployError `model-changed` where something else is there, which is never overwritten
 */
async function uploadModel(
  { model }: Pick<Inputs, 'model'>,
  { aws, runner }: { readonly aws: Aws; readonly runner: Runner },
): Promise<void> {
  const { file } = model;
  if (file === undefined) return;
  const sent = { bytes: 0 };
  const begin = (sizeBytes: number) => {
    sent.bytes = sizeBytes;
    return runner.transfer(`Uploading ${basename(file)}`, sizeBytes);
  };
  const result = await aws.objects.upload({ bucket: model.bucket, key: model.key }, file, begin);
  if (result === 'other') {
    throw new DeployError('model-changed', `There is another object at ${model.uri} already; it was not overwritten.`, {
      advice: 'Upload a release once, under a path of its own; without an upload what is there is deployed.',
    });
  }
  const done = result === 'same' ? 'is there already' : `uploaded, ${formatSize(sent.bytes)}`;
  runner.info(`Upload       ${model.uri} (${done})`);
}
