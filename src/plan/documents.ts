import { gzipSync } from 'node:zlib';
import { reproducibleTar } from '../core/files.ts';
import type { JsonObject } from '../core/json.ts';
import type { RegionCode } from '../core/regions.ts';
import { formatS3Uri, type S3Location } from '../core/s3-uri.ts';
import { executionDocument, type FilledDocument, fillTemplate, variableSchema } from './execution-document.ts';
import { fingerprintOf, type JoinExpression, PACKAGE, regionBucket } from './locations.ts';
import { fitsMetadata, registrationRequest } from './model-package.ts';
import { type PayloadFile, payloadTemplates, payloadTimestamp, samplePayloads } from './payloads.ts';
import type { Registration, ResolvedRequest, Upload } from './types.ts';

const LINKED = ['document', 'variables'] as const;
type LinkedDocument = (typeof LINKED)[number];

/** What is generated and uploaded besides the code, each as a location and as the definition's expression for it. */
export interface Documents {
  readonly payload: S3Location;
  readonly payloadBytes: Uint8Array;
  readonly executionDocument: JsonObject;
  readonly configuration: JsonObject;
  /** Whose URIs no metadata value can hold; packages are registered without them. */
  readonly tooLong: readonly LinkedDocument[];
  readonly warnings: readonly string[];
  readonly uploads: readonly Upload[];
  readonly expressions: {
    readonly payload: JoinExpression;
    readonly document: JoinExpression;
    readonly variables: JoinExpression;
    /** One for each registration that is a job, by region. */
    readonly requests: Readonly<Partial<Record<RegionCode, JoinExpression>>>;
  };
}

/**
 * Payload, execution document and variable schema. Their keys hold a digest of the *unexpanded* templates and the
 * package's fingerprint: one expansion of `{timestamp}` per package, and a definition that is the same for every model.
 */
export async function buildDocuments(
  resolved: ResolvedRequest,
  registrations: readonly Registration[],
): Promise<Documents> {
  const { config, locations, packageFingerprint, request } = resolved;
  const templates = fingerprintOf(payloadTemplates(config).map(({ name, text }) => [name, text]));
  const payload = locations.at('payload', templates, packageFingerprint, 'payload.tar.gz');
  const { document, leftOut } = describeRegions(resolved, payload);
  const schema = variableSchema(config);
  const configuration = configurationDocument(resolved, registrations);
  const jobs = registrations.filter(({ kind }) => kind !== 'native');
  const content = fingerprintOf([
    describeRegions(resolved, { ...payload, key: templates }).document,
    schema,
    jobContent(resolved, jobs),
    configuration,
  ]);
  const folder = ['documents', content] as const;
  const locationsOf = {
    payload,
    document: locations.at(...folder, packageFingerprint, 'config'),
    variables: locations.at(...folder, 'variables.json'),
  };
  const tooLong = LINKED.filter((name) => !fitsMetadata(formatS3Uri(locationsOf[name])));
  const payloadBytes = await archive(samplePayloads(config, payloadTimestamp(request.nowMs)));
  return {
    payload,
    payloadBytes,
    executionDocument: document,
    configuration,
    tooLong,
    warnings: [
      ...leftOut.map((name) => `The execution document does not name ${name}: that step is left out of it.`),
      ...tooLong.map((name) => tooLongText(formatS3Uri(locationsOf[name]))),
    ],
    uploads: [
      upload('payload', payload, payloadBytes),
      upload('document', locationsOf.document, jsonBytes(document)),
      upload('document', locationsOf.variables, jsonBytes(schema)),
      upload('document', locations.at(...folder, CONFIGURATION_FILE), jsonBytes(configuration)),
      ...jobs.map((job) =>
        upload(
          'document',
          locations.at(...folder, packageFingerprint, `${job.stepName}.json`),
          jsonBytes(registrationRequest(resolved, job, locationsOf)),
        ),
      ),
    ],
    expressions: {
      payload: locations.expression('payload', templates, PACKAGE, 'payload.tar.gz'),
      document: locations.expression(...folder, PACKAGE, 'config'),
      variables: locations.expression(...folder, 'variables.json'),
      requests: Object.fromEntries(
        jobs.map((job) => [job.region, locations.expression(...folder, PACKAGE, `${job.stepName}.json`)]),
      ),
    },
  };
}

/** Lies beside the variable schema, whose URI every package names. */
export const CONFIGURATION_FILE = 'configuration.json';

/** What the packages of each region are configured with, and what the documents say beyond that. For comparisons. */
function configurationDocument(
  { config: { base, payload }, request }: ResolvedRequest,
  registrations: readonly Registration[],
): JsonObject {
  return {
    regions: Object.fromEntries(registrations.map(({ region, configuration }) => [region, configuration])),
    load_testing: {
      expected_tps: payload.expected_tps,
      max_latency_in_millisecond: payload.max_latency_in_millisecond,
      max_acceptable_error_rate: payload.max_acceptable_error_rate,
    },
    pipeline_name: base.pipeline_name,
    author: base.author,
    regional_kms_keys: { ...base.regional_kms_keys },
    tags: request.tags,
    ...(request.documentTemplate === undefined ? {} : { execution_document: request.documentTemplate }),
  };
}

function tooLongText(uri: string): string {
  return `The model packages do not name ${uri}: it has ${uri.length} characters, their metadata hold 256 (and letters, digits, _.:/=+-@). A shorter base.pipeline_s3_loc helps.`;
}

/** What the request documents say, but for what the package's own fingerprint decides. */
function jobContent(resolved: ResolvedRequest, jobs: readonly Registration[]): JsonObject {
  const nowhere = { bucket: '', key: '' };
  const { facts } = resolved;
  const noModel = { ...facts, model: { ...facts.model, identity: '' } };
  const neutral = { ...resolved, facts: noModel, packageFingerprint: '' };
  return Object.fromEntries(
    jobs.map((job) => [
      job.region,
      registrationRequest(
        neutral,
        { ...job, fingerprint: '', record: nowhere },
        { payload: nowhere, document: nowhere, variables: nowhere },
      ),
    ]),
  );
}

function describeRegions(resolved: ResolvedRequest, payload: S3Location): FilledDocument {
  const { config, images, open, request } = resolved;
  const instanceType = open['InferenceInstanceType'] ?? config.model.inference_instance_type;
  const regions = request.regions.map((region) => ({
    region,
    image: images.inference[region] ?? '',
    payload: { bucket: regionBucket(resolved, region), key: payload.key },
    instanceType,
  }));
  const document = executionDocument(config, regions);
  return request.documentTemplate === undefined
    ? { document, leftOut: [] }
    : fillTemplate(request.documentTemplate, document);
}

function upload(what: Upload['what'], target: S3Location, bytes: Uint8Array): Upload {
  return { what, target, sizeBytes: bytes.length, body: { kind: 'bytes', bytes } };
}

function jsonBytes(value: JsonObject): Uint8Array {
  return Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** A reproducible tar.gz: zlib writes a gzip header without a time. */
async function archive(files: readonly PayloadFile[]): Promise<Uint8Array> {
  return gzipSync(await reproducibleTar(files.map(({ name, text }) => ({ name, bytes: Buffer.from(text) }))), {
    level: 9,
  });
}
