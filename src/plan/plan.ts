import type { Config } from '../config/index.ts';
import { DeployError } from '../core/errors.ts';
import type { SourceTree } from '../core/files.ts';
import type { RegionCode } from '../core/regions.ts';
import { formatS3Uri, type S3Location } from '../core/s3-uri.ts';
import { buildDefinition } from './definition.ts';
import { buildDocuments } from './documents.ts';
import { fingerprintPackage, packageParts, registeredConfiguration, registrationFingerprint } from './identity.ts';
import { planImages } from './images.ts';
import { createLocations, regionBucket, treeDigest } from './locations.ts';
import { descriptionText, metadataValue } from './model-package.ts';
import { DEFAULT_TEMP_DIR } from './parameters.ts';
import type { Facts, Packager, Plan, Registration, Request, ResolvedRequest, Upload } from './types.ts';

// Length of a value of ProcessingEnvironmentMap in the SageMaker API.
const ENVIRONMENT_VALUE_LENGTH = 256;

/**
 * Configuration, facts and request in; everything that will be done out. No clock, no disk, no network.
 * @throws DeployError `plan-invalid` where no image or name fits.
 */
export async function buildPlan(config: Config, facts: Facts, request: Request): Promise<Plan> {
  const warnings: string[] = [];
  const open = openParameters(config, request, warnings);
  const images = planImages(config, facts, {
    instanceType: open['InferenceInstanceType'] ?? '',
    regions: request.regions,
  });
  const packageFingerprint = fingerprintPackage(config, facts, images);
  const resolved: ResolvedRequest = {
    config,
    facts,
    request,
    open,
    images,
    packageFingerprint,
    locations: createLocations(config),
  };
  refuseLongPackageUri(resolved);
  const registrations = planRegistrations(resolved);
  const documents = await buildDocuments(resolved, registrations);
  return {
    unknown: facts.unknown,
    pipeline: {
      name: config.base.pipeline_name,
      description: descriptionText(config.base.pipeline_description, 3072),
      roleArn: request.roleArn,
      tags: request.tags,
      definition: buildDefinition({ resolved, registrations, documents }),
    },
    parameters: { ...reservedParameters(resolved), ...open },
    uploads: [...sourceUploads(resolved), ...documents.uploads],
    aliases: payloadAlias(config, documents.payloadBytes),
    registrations,
    fingerprint: packageFingerprint,
    packagedModel: packageLocation(resolved),
    packageReport: resolved.locations.at('package', packageFingerprint, 'package.json'),
    payload: documents.payload,
    executionDocument: documents.executionDocument,
    configuration: documents.configuration,
    claims: resolved.locations.at('claims'),
    definitions: resolved.locations.at('definitions'),
    approvalStatus: request.approvalStatus,
    kmsKey: open['KMSEncryptionKey'],
    warnings: [...warnings, ...documents.warnings],
  };
}

/** The registration jobs get the package's URI in their environment, whose values hold 256 characters. */
function refuseLongPackageUri(resolved: ResolvedRequest): void {
  const { facts, request } = resolved;
  const hasJobs = facts.registrar.kind === 'own' || request.regions.some((region) => region !== 'NA');
  const uri = formatS3Uri(packageLocation(resolved));
  if (!hasJobs || uri.length <= ENVIRONMENT_VALUE_LENGTH) return;
  const over = uri.length - ENVIRONMENT_VALUE_LENGTH;
  throw new DeployError(
    'plan-invalid',
    `The package would lie at ${uri}, ${uri.length} characters; a processing job takes at most ${ENVIRONMENT_VALUE_LENGTH}.`,
    { advice: `Shorten base.pipeline_s3_loc by at least ${over} characters.` },
  );
}

function openParameters(config: Config, request: Request, warnings: string[]): Record<string, string> {
  const { base } = config;
  const open: Record<string, string> = {
    PipelineExecutionTempDir: DEFAULT_TEMP_DIR,
    InferenceInstanceType: config.model.inference_instance_type,
  };
  if (base.kms_key) open['KMSEncryptionKey'] = base.kms_key;
  if (base.subnets?.[0]) open['VPCEndpointSubnet'] = base.subnets[0];
  if (base.security_group_ids?.[0]) open['SecurityGroupId'] = base.security_group_ids[0];
  for (const [name, value] of Object.entries(request.parameters)) {
    if (!(name in open)) {
      warnings.push(
        `Parameter ${name} is ignored: the configuration sets nothing of its kind (kms_key, subnets, security_group_ids).`,
      );
    } else if (name === 'PipelineExecutionTempDir' && !value.startsWith('/')) {
      warnings.push(
        `Parameter ${name}=${value} is ignored: it is no absolute path inside the container. ${DEFAULT_TEMP_DIR} is used.`,
      );
    } else if (value !== '') {
      open[name] = value;
    }
  }
  return open;
}

function reservedParameters({ facts, request, packageFingerprint }: ResolvedRequest): Record<string, string> {
  const { provenance } = request;
  return {
    ModelS3Path: facts.model.uri,
    ModelArchiveName: facts.model.uri.slice(facts.model.uri.lastIndexOf('/') + 1),
    ModelIdentity: facts.model.identity,
    PackageFingerprint: packageFingerprint,
    ApprovalStatus: request.approvalStatus,
    GitCommit: metadataValue(provenance.commit),
    GitRef: metadataValue(provenance.ref),
    RunUrl: metadataValue(provenance.runUrl),
  };
}

function sourceUploads({ facts, locations, request }: ResolvedRequest): Upload[] {
  const { registrar } = facts;
  const scripts = treeDigest(facts.packager.tree);
  const code = treeDigest(facts.inferenceCode);
  return [
    ...packagerUploads(facts.packager, (path) => locations.at('scripts', scripts, path)),
    ...(registrar.kind === 'own' || request.regions.some((region) => region !== 'NA')
      ? treeUploads('registrar', registrar.tree, (path) => locations.at('scripts', treeDigest(registrar.tree), path))
      : []),
    ...treeUploads('inference code', facts.inferenceCode, (path) => locations.at('code', code, path)),
  ];
}

/** container/package_model.py finds its modules in this, beside itself: an object for each would be two dozen requests. */
const PACKAGER_MODULES = 'packager.tar';

function packagerUploads({ kind, entryPoint, tree }: Packager, target: (path: string) => S3Location): Upload[] {
  const modules = tree.flatMap(({ path, sizeBytes, origin }) =>
    path === entryPoint || origin.kind !== 'file' ? [] : [{ name: path, path: origin.path, sizeBytes }],
  );
  if (kind === 'own' || modules.length === 0) return treeUploads('packager', tree, target);
  const entry = tree.filter(({ path }) => path === entryPoint);
  const sizeBytes = modules.reduce((sum, module) => sum + module.sizeBytes, 0);
  const body = { kind: 'tar', files: modules.map(({ name, path }) => ({ name, path })) } as const;
  const archive: Upload = { what: 'packager', target: target(PACKAGER_MODULES), sizeBytes, body };
  return [...treeUploads('packager', entry, target), archive];
}

function treeUploads(what: Upload['what'], tree: SourceTree, target: (path: string) => S3Location): Upload[] {
  return tree.map((file) => ({
    what,
    target: target(file.path),
    sizeBytes: file.sizeBytes,
    body:
      file.origin.kind === 'file'
        ? { kind: 'file', path: file.origin.path }
        : { kind: 'object', from: file.origin.from },
  }));
}

/** The configured `sample_payload_s3_key` stays a readable alias of the newest payload; nothing registered points at it. */
function payloadAlias(config: Config, bytes: Uint8Array): Plan['aliases'] {
  const key = config.payload.sample_payload_s3_key;
  return [{ bytes, to: { bucket: config.base.bucket, key } }];
}

function packageLocation({ locations, packageFingerprint }: ResolvedRequest): S3Location {
  return locations.at('package', packageFingerprint, 'model.tar.gz');
}

/** One registration per region asked for, in that order. */
function planRegistrations(resolved: ResolvedRequest): readonly Registration[] {
  const { facts, packageFingerprint } = resolved;
  const group = resolved.config.base.model_package_group_name;
  const packaged = packageLocation(resolved);
  return resolved.request.regions.map((region) => {
    const fingerprint = registrationFingerprint(resolved, region);
    return {
      region,
      kind: registrationKind(resolved, region),
      stepName: registrationStepName(region),
      answers: resolved.locations.at(registrationStepName(region)),
      fingerprint,
      parts: packageParts(resolved, region),
      configuration: registeredConfiguration(resolved, region),
      packageFingerprint,
      group,
      account: group.startsWith('arn:') ? (group.split(':')[4] ?? '') : facts.accountId,
      // Registration jobs copy the package under the same key.
      modelData: region === 'NA' ? packaged : { bucket: regionBucket(resolved, region), key: packaged.key },
      record: resolved.locations.at('registered', `${fingerprint}.json`),
    };
  });
}

/** Natively only in the pipeline's own region; a team's own script runs in a job wherever it registers. */
function registrationKind({ facts }: ResolvedRequest, region: RegionCode): Registration['kind'] {
  if (facts.registrar.kind === 'own') return 'own';
  return region === 'NA' ? 'native' : 'job';
}

function registrationStepName(region: RegionCode): string {
  return `Registration_${region}`;
}
