/** What CreateInferenceRecommendationsJob checks beyond the limits of single members, from its documentation. */
import type { JsonObject } from '../../contracts.ts';
import { archiveAt } from '../artifacts.ts';
import { validationError } from '../errors.ts';
import { number, object, objects, strings, text } from '../json.ts';
import { packageOf } from '../registry/packages.ts';
import type { Call } from '../service.ts';
import type { PackageRecord } from '../state.ts';

const longestJobSeconds = 18_000;

/** What a job needs of the package, or of its own ContainerConfig, which comes first. */
export type Target = {
  readonly modelUrl: string;
  readonly payloadUrl: string;
  readonly contentType: string;
  readonly accept: string;
  readonly environment: Readonly<Record<string, string>>;
};

/** @throws AwsError ValidationException */
export function checkRecommendationsJob(input: JsonObject, call: Call): void {
  const config = object(input, 'InputConfig') ?? {};
  if (text(input, 'JobType') === 'Advanced') checkAdvanced(config);
  const seconds = number(config, 'JobDurationInSeconds') ?? 0;
  if (seconds > longestJobSeconds) {
    throw validationError(`JobDurationInSeconds is ${seconds}; the maximum is ${longestJobSeconds} seconds.`);
  }
  const [threshold] = objects(object(input, 'StoppingConditions') ?? {}, 'ModelLatencyThresholds');
  const percentile = threshold === undefined ? 'P95' : text(threshold, 'Percentile');
  if (percentile !== 'P95' && percentile !== 'P99') {
    throw validationError(`Percentile is ${percentile}; acceptable values are P95 and P99.`);
  }
  targetOf(input, call);
}

function checkAdvanced(config: JsonObject): void {
  const traffic = object(config, 'TrafficPattern');
  if (traffic === undefined || objects(config, 'EndpointConfigurations').length === 0) {
    throw validationError('A job of type Advanced needs TrafficPattern and EndpointConfigurations.');
  }
  if (objects(config, 'EndpointConfigurations').some((item) => text(item, 'InstanceType') === undefined)) {
    throw validationError('The embedded AWS loads endpoints with an InstanceType only.');
  }
  const phases = objects(traffic, 'Phases');
  const stairs = object(traffic, 'Stairs');
  if ((text(traffic, 'TrafficType') ?? 'PHASES') === 'STAIRS' ? stairs === undefined : phases.length === 0) {
    throw validationError('TrafficPattern needs the Phases or Stairs that its TrafficType names.');
  }
  for (const phase of phases) checkPhase(phase);
}

function checkPhase(phase: JsonObject): void {
  const users = number(phase, 'InitialNumberOfUsers') ?? 1;
  if (users > 3) throw validationError(`InitialNumberOfUsers is ${users}; it should be between 1 and 3.`);
  const spawned = number(phase, 'SpawnRate') ?? 0;
  if (spawned > 3) throw validationError(`SpawnRate is ${spawned}; it should be between 0 and 3.`);
  const seconds = number(phase, 'DurationInSeconds') ?? 0;
  if (seconds < 120 || seconds > 3600) {
    throw validationError(`DurationInSeconds of a phase is ${seconds}; it should be between 120 and 3600.`);
  }
}

/** @throws AwsError ValidationException where the package lacks what the service reads from it */
export function targetOf(input: JsonObject, call: Call): Target {
  const config = object(input, 'InputConfig') ?? {};
  const arn = text(config, 'ModelPackageVersionArn');
  if (arn === undefined) {
    throw validationError('The embedded AWS loads model packages only: give ModelPackageVersionArn.');
  }
  const found = packageOf(arn, call);
  const [container = {}] = objects(object(found.input, 'InferenceSpecification') ?? {}, 'Containers');
  const given = described(found, object(config, 'ContainerConfig') ?? {});
  const missing = Object.entries(given).filter(([, value]) => value === undefined);
  if (missing.length > 0 && call.service.answers.is('recommendation-package', 'described')) {
    const names = missing.map(([name]) => name).join(', ');
    throw validationError(`${names} must be in the model package ${arn}, or in ContainerConfig.`);
  }
  const payloadUrl = given.SamplePayloadUrl;
  const modelUrl = text(container, 'ModelDataUrl');
  if (payloadUrl === undefined || modelUrl === undefined) {
    throw validationError(`The model package ${arn} has no model data, or no SamplePayloadUrl.`);
  }
  archiveAt('SamplePayloadUrl', payloadUrl, call);
  archiveAt('ModelDataUrl', modelUrl, call);
  const environment = object(container, 'Environment') ?? {};
  return {
    payloadUrl,
    modelUrl,
    contentType: given.SupportedContentTypes ?? 'application/json',
    accept: responseType(found),
    environment: Object.fromEntries(Object.keys(environment).map((name) => [name, text(environment, name) ?? ''])),
  };
}

function described({ input }: PackageRecord, config: JsonObject) {
  const specification = object(input, 'InferenceSpecification') ?? {};
  const [container = {}] = objects(specification, 'Containers');
  const payload = object(config, 'PayloadConfig') ?? {};
  return {
    Domain: text(config, 'Domain') ?? text(input, 'Domain'),
    Task: text(config, 'Task') ?? text(input, 'Task'),
    Framework: text(config, 'Framework') ?? text(container, 'Framework'),
    SamplePayloadUrl: text(payload, 'SamplePayloadUrl') ?? text(input, 'SamplePayloadUrl'),
    SupportedContentTypes:
      strings(payload, 'SupportedContentTypes')[0] ?? strings(specification, 'SupportedContentTypes')[0],
  };
}

function responseType({ input }: PackageRecord): string {
  const specification = object(input, 'InferenceSpecification') ?? {};
  return strings(specification, 'SupportedResponseMIMETypes')[0] ?? 'application/json';
}
