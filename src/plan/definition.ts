import { isObject, type Json, type JsonObject, textIn } from '../core/json.ts';
import { formatS3Uri } from '../core/s3-uri.ts';
import type { Documents } from './documents.ts';
import { PACKAGE, treeDigest } from './locations.ts';
import { modelStep, type StepContext } from './steps/common.ts';
import { packagingStep } from './steps/packaging.ts';
import { nativeRegistrationStep, regionalRegistrationStep } from './steps/registration.ts';
import type { Registration, ResolvedRequest } from './types.ts';

/** Version of SageMaker's pipeline definition schema. */
const DEFINITION_VERSION = '2020-12-01';

/** What the definition is written from. */
export interface Planned {
  readonly resolved: ResolvedRequest;
  readonly registrations: readonly Registration[];
  readonly documents: Documents;
}

/** The pipeline definition: the same for every model, so that an unchanged one need not be uploaded again. */
export function buildDefinition(planned: Planned): JsonObject {
  const { resolved, documents, registrations } = planned;
  const { config, facts, images, locations, request } = resolved;
  const context: StepContext = {
    config,
    roleArn: request.roleArn,
    hasKms: 'KMSEncryptionKey' in resolved.open,
    hasVpc: 'VPCEndpointSubnet' in resolved.open,
  };
  const packaging = packagingStep(context, {
    image: images.packaging,
    scriptsPrefix: `${formatS3Uri(locations.at('scripts', treeDigest(facts.packager.tree)))}/`,
    codePrefix: `${formatS3Uri(locations.at('code', treeDigest(facts.inferenceCode)))}/`,
    entryPoint: facts.packager.entryPoint,
    payload: documents.expressions.payload,
    document: documents.expressions.document,
    output: locations.expression('package', PACKAGE),
  });
  return {
    Version: DEFINITION_VERSION,
    Metadata: {},
    Parameters: parameterDeclarations(resolved),
    PipelineExperimentConfig: null,
    Steps: [
      modelStep(context, images.model),
      packaging,
      ...registrations.map((registration) => registrationStep(context, planned, registration)),
    ],
  };
}

function registrationStep(
  context: StepContext,
  { resolved, documents }: Planned,
  registration: Registration,
): JsonObject {
  const { config, facts, images, locations, request } = resolved;
  const { region } = registration;
  if (registration.kind === 'native') {
    const content = { image: images.inference[region] ?? '', repository: request.provenance.repository };
    return nativeRegistrationStep(config, registration, {
      ...content,
      payload: documents.expressions.payload,
      document: documents.tooLong.includes('document') ? undefined : documents.expressions.document,
      variables: documents.tooLong.includes('variables') ? undefined : documents.expressions.variables,
    });
  }
  const own = registration.kind === 'own';
  return regionalRegistrationStep(context, {
    stepName: registration.stepName,
    image: images.python,
    scriptsPrefix: `${formatS3Uri(locations.at('scripts', treeDigest(facts.registrar.tree)))}/`,
    entryPoint: facts.registrar.entryPoint,
    own,
    payload: documents.expressions.payload,
    document: documents.expressions.document,
    request: documents.expressions.requests[region] ?? locations.expression('documents'),
    output: locations.expression(registration.stepName, { Get: 'Execution.PipelineExecutionId' }),
  });
}

/** Declared with defaults where a start by hand in the console should not have to know them. */
function parameterDeclarations({ open }: ResolvedRequest): JsonObject[] {
  return [
    declare('ModelS3Path'),
    declare('ModelArchiveName', 'model.tar.gz'),
    declare('ModelIdentity'),
    declare('PackageFingerprint'),
    {
      ...declare('ApprovalStatus', 'PendingManualApproval'),
      EnumValues: ['PendingManualApproval', 'Approved', 'Rejected'],
    },
    declare('GitCommit', 'none'),
    declare('GitRef', 'none'),
    declare('RunUrl', 'none'),
    ...Object.entries(open).map(([name, value]) => declare(name, value)),
  ];
}

function declare(name: string, defaultValue?: string): JsonObject {
  return { Name: name, Type: 'String', ...(defaultValue === undefined ? {} : { DefaultValue: defaultValue }) };
}

/** One processing job that an execution of the pipeline starts. */
export interface PlannedJob {
  readonly step: string;
  readonly instanceType: string;
  readonly instanceCount: number;
  readonly volumeGB: number;
  /** How many jobs must have ended before this one starts: 0 for the first on its path. */
  readonly depth: number;
  /** Runs only if no earlier execution of this package is left. */
  readonly perhaps: boolean;
}

/** The jobs of a definition: what a deployment costs. Steps of other types run no job. */
export function plannedJobs({ Steps: steps }: JsonObject): readonly PlannedJob[] {
  const all = (Array.isArray(steps) ? steps : []).filter(isObject);
  return all.filter(isJob).map((step) => {
    const cluster = inside(step, ['Arguments', 'ProcessingResources', 'ClusterConfig']);
    return {
      step: textIn(step, 'Name'),
      instanceType: textIn(cluster, 'InstanceType'),
      instanceCount: Number(cluster['InstanceCount']),
      volumeGB: Number(cluster['VolumeSizeInGB']),
      depth: depth(step, all),
      perhaps: false,
    };
  });
}

function isJob({ Type: type }: JsonObject): boolean {
  return type === 'Processing';
}

function depth(step: JsonObject, all: readonly JsonObject[]): number {
  const names = Array.isArray(step['DependsOn']) ? step['DependsOn'] : [];
  const before = all.filter(({ Name: name }) => names.includes(name as Json));
  return Math.max(0, ...before.map((other) => depth(other, all) + (isJob(other) ? 1 : 0)));
}

function inside(value: JsonObject, path: readonly string[]): JsonObject {
  let found = value;
  for (const key of path) {
    const next = found[key];
    found = isObject(next) ? next : {};
  }
  return found;
}
