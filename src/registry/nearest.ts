import type { Aws, ModelPackage, PackageVersion } from '../aws/types.ts';
import { mapConcurrent } from '../core/concurrency.ts';
import { isObject, type JsonObject, parseJsonObject } from '../core/json.ts';
import { AWS_REGIONS } from '../core/regions.ts';
import { formatS3Uri, parseS3Uri } from '../core/s3-uri.ts';
import { changesBetween, type ValueChange } from '../plan/diff.ts';
import { CONFIGURATION_FILE } from '../plan/documents.ts';
import { fingerprintOf } from '../plan/locations.ts';
import type { PackageParts, Registration } from '../plan/types.ts';

/** What a package's metadata call its parts. */
const PART_METADATA: Readonly<Record<keyof PackageParts, string>> = {
  model: 'model_identity',
  code: 'code_digest',
  packager: 'packager_digest',
  configuration: 'configuration_digest',
};

const PARTS = Object.keys(PART_METADATA) as readonly (keyof PackageParts)[];

export interface PartDifference {
  readonly part: keyof PackageParts;
  /** undefined: the package does not say; an earlier version of this action has registered it. */
  readonly there: string | undefined;
  readonly here: string;
}

/** The newest version of a group that has most in common with what is asked for. */
interface NearestVersion {
  readonly package: ModelPackage;
  readonly differing: readonly PartDifference[];
  /** Fields of the configuration, old: there, new: here; undefined: its configuration could not be read. */
  readonly fields: readonly ValueChange[] | undefined;
}

/** What a group holds beside what is asked for. */
export interface Neighbours {
  readonly registration: Registration;
  /** undefined: the group has no version, or there is no such group. */
  readonly nearest: NearestVersion | undefined;
  /** The newest version with the very bytes of this package. */
  readonly sameBytes: ModelPackage | undefined;
}

/** How many versions of a group are compared: what is asked for was registered lately, or is not there. */
const VERSIONS = 25;
const CONCURRENCY = 5;

/** What identifies the bytes of the package that is asked for. */
export interface PackageBytes {
  readonly fingerprint: string;
  /** Known where it was packaged before. */
  readonly sha256: string | undefined;
}

/** Looks through the newest versions of a registration's group. */
export async function findNeighbours(registration: Registration, bytes: PackageBytes, aws: Aws): Promise<Neighbours> {
  const registry = aws.registry(AWS_REGIONS[registration.region]);
  const listed: PackageVersion[] = [];
  for await (const version of registry.versions(registration.group)) {
    listed.push(version);
    if (listed.length === VERSIONS) break;
  }
  const found = await mapConcurrent(listed, CONCURRENCY, ({ arn }) => registry.describe(arn));
  const packages = found.flatMap((entry) => (entry?.status === 'Completed' ? [entry] : []));
  const scored = packages.map((entry) => ({ entry, differing: differences(entry.metadata, registration.parts) }));
  const fewest = Math.min(...scored.map(({ differing }) => differing.length));
  // Newest first: the first of the best is the newest of them.
  const best = scored.find(({ differing }) => differing.length === fewest);
  return {
    registration,
    nearest: best && {
      package: best.entry,
      differing: best.differing,
      fields: await configurationChanges(best.entry, registration, aws).catch(() => undefined),
    },
    sameBytes: packages.find(({ metadata }) => hasBytes(metadata, bytes)),
  };
}

type Metadata = Readonly<Record<string, string>>;

function differences(metadata: Metadata, parts: PackageParts): readonly PartDifference[] {
  return PARTS.map((part) => ({ part, there: metadata[PART_METADATA[part]], here: parts[part] })).filter(
    ({ there, here }) => there !== here,
  );
}

/** The packager gives the same bytes for the same fingerprint; others may come to the same bytes. */
function hasBytes(metadata: Metadata, { fingerprint, sha256 }: PackageBytes): boolean {
  if (metadata['package_fingerprint'] === fingerprint) return true;
  return sha256 !== undefined && metadata['package_sha256'] === sha256;
}

async function configurationChanges(
  { metadata }: ModelPackage,
  { configuration, region }: Registration,
  aws: Aws,
): Promise<readonly ValueChange[] | undefined> {
  const stored = configurationOf(await readConfiguration(metadata['variable_schema_s3_uri'], aws), region);
  // What somebody else has put there says nothing about this package.
  if (stored === undefined || fingerprintOf(stored) !== metadata[PART_METADATA.configuration]) return undefined;
  return changesBetween(stored, configuration);
}

/**
 * What packages were configured with: the document beside their variable schema. undefined where there is none, as of
 * earlier versions of this action.
 */
export async function readConfiguration(schemaUri: string | undefined, aws: Aws): Promise<JsonObject | undefined> {
  const schema = parseS3Uri(schemaUri ?? '');
  if (schema === undefined || !schema.key.endsWith('/variables.json')) return undefined;
  const key = schema.key.replace(/[^/]+$/, CONFIGURATION_FILE);
  const stored = await aws.objects.readText({ bucket: schema.bucket, key });
  const document = parseJsonObject(stored?.text ?? '');
  return isObject(document?.['regions']) ? document : undefined;
}

/** The configuration of one region's package in such a document. */
export function configurationOf(document: JsonObject | undefined, region: string): JsonObject | undefined {
  const regions = document?.['regions'];
  const found = isObject(regions) ? regions[region] : undefined;
  return isObject(found) ? found : undefined;
}

/** The documents of a definition lie in one folder, whose key every expression for one of them begins with. */
export function schemaUri(definition: JsonObject): string | undefined {
  const match = /"(s3:\/\/[^"]+)","documents","([0-9a-f]{64})"/.exec(JSON.stringify(definition));
  const base = parseS3Uri(match?.[1] ?? '');
  if (base === undefined) return undefined;
  return `${formatS3Uri(base).replace(/\/+$/, '')}/documents/${match?.[2]}/variables.json`;
}
