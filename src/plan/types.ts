import type { ApprovalStatus } from '../aws/types.ts';
import type { Config } from '../config/index.ts';
import type { Provenance } from '../core/context.ts';
import type { SourceTree } from '../core/files.ts';
import type { JsonObject } from '../core/json.ts';
import type { RegionCode } from '../core/regions.ts';
import type { S3Location } from '../core/s3-uri.ts';
import type { Locations } from './locations.ts';

/** The model archive as S3 describes it. */
interface ModelFacts {
  readonly uri: string;
  readonly sizeBytes: number;
  /** S3 version id, or ETag (without quotes) and size. */
  readonly identity: string;
}

/** The script that packages: the action's own, or a team's, which runs in the scikit-learn image. */
export interface Packager {
  readonly kind: 'built-in' | 'own';
  readonly entryPoint: string;
  readonly tree: SourceTree;
}

/** The script that registers in a processing job: the action's own, or a team's from its source folder. */
export interface Registrar {
  readonly kind: 'built-in' | 'own';
  readonly entryPoint: string;
  readonly tree: SourceTree;
}

/** What could not be inspected, and is planned with a placeholder. */
type UnknownPart = 'the model' | 'the inference code' | 'the packager' | 'the registration script';

/** What is known of the world before planning; the plan is a pure function of this and the request. */
export interface Facts {
  readonly model: ModelFacts;
  readonly inferenceCode: SourceTree;
  readonly packager: Packager;
  readonly registrar: Registrar;
  /** Of the credentials; names the default buckets of other regions. */
  readonly accountId: string;
  /** Empty for what is carried out: only a plan that is shown may hold placeholders. */
  readonly unknown: readonly UnknownPart[];
}

/** What the caller of this run asks for, beyond the configuration. */
export interface Request {
  readonly regions: readonly RegionCode[];
  readonly roleArn: string;
  readonly approvalStatus: ApprovalStatus;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly provenance: Provenance;
  /** A team's own execution document, to be filled. */
  readonly documentTemplate: JsonObject | undefined;
  /** When `{timestamp}` is expanded to, milliseconds since 1970. */
  readonly nowMs: number;
}

type UploadBody =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'file'; readonly path: string }
  /** Files of this disk as one tar, by their names in it. */
  | { readonly kind: 'tar'; readonly files: readonly { readonly name: string; readonly path: string }[] }
  | { readonly kind: 'object'; readonly from: S3Location };

/** One object that must be in S3 before the start. Its key names its content: what is there already is skipped. */
export interface Upload {
  readonly what: 'inference code' | 'packager' | 'registrar' | 'payload' | 'document';
  readonly target: S3Location;
  /** Of a tar, what its files have together. */
  readonly sizeBytes: number;
  readonly body: UploadBody;
}

/** What a package is made of; packages with equal parts are the same. Hex SHA-256, but for the model's identity. */
export interface PackageParts {
  readonly model: string;
  readonly code: string;
  readonly packager: string;
  readonly configuration: string;
}

/** One region's registration. */
export interface Registration {
  readonly region: RegionCode;
  /** `native`: a RegisterModel step; `job`: our script in another region; `own`: a team's script, taken at its word. */
  readonly kind: 'native' | 'job' | 'own';
  /** Folder of the answers of a job: `{execution id}/registration.json` lies in it. */
  readonly answers: S3Location;
  readonly stepName: string;
  /** Hex SHA-256 of everything that goes into this region's package. */
  readonly fingerprint: string;
  readonly parts: PackageParts;
  /** What `parts.configuration` is the digest of. */
  readonly configuration: JsonObject;
  /** Of the package that is registered, hex SHA-256. */
  readonly packageFingerprint: string;
  /** Name, or ARN of a group (in another account too). */
  readonly group: string;
  /** The account that the group is in. */
  readonly account: string;
  /** The package in the region's bucket, as the registry will name it. */
  readonly modelData: S3Location;
  /** Where the confirmed registration is recorded. */
  readonly record: S3Location;
}

interface PipelinePlan {
  readonly name: string;
  readonly description: string;
  readonly roleArn: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly definition: JsonObject;
}

/** Everything that was decided. `apply` only carries it out. */
export interface Plan {
  /** What is only a placeholder in it: fingerprints, keys and what is registered will then be different. */
  readonly unknown: readonly UnknownPart[];
  readonly pipeline: PipelinePlan;
  readonly parameters: Readonly<Record<string, string>>;
  readonly uploads: readonly Upload[];
  /** Written after the uploads: the configured payload key, kept up to date. */
  readonly aliases: readonly { readonly bytes: Uint8Array; readonly to: S3Location }[];
  readonly registrations: readonly Registration[];
  /** PackageFingerprint. */
  readonly fingerprint: string;
  readonly packagedModel: S3Location;
  readonly packageReport: S3Location;
  readonly payload: S3Location;
  readonly executionDocument: JsonObject;
  /** What the packages are configured with, by region and field, and what the documents say beyond that. */
  readonly configuration: JsonObject;
  /** Folder of the claims: who may start what. */
  readonly claims: S3Location;
  /** Folder of definitions that are too large to be sent inline. */
  readonly definitions: S3Location;
  readonly approvalStatus: ApprovalStatus;
  readonly kmsKey: string | undefined;
  readonly warnings: readonly string[];
}

/** What every later part of planning works from: the open questions of the configuration are answered. */
export interface ResolvedRequest {
  readonly config: Config;
  readonly facts: Facts;
  readonly request: Request;
  readonly locations: Locations;
  readonly images: PlanImages;
  /** The open pipeline parameters with their overrides. */
  readonly open: Readonly<Record<string, string>>;
  /** PackageFingerprint, hex SHA-256. */
  readonly packageFingerprint: string;
}

/** Image URIs of a plan: the model's (us-east-1), the packager's, and each package's in its own region. */
export interface PlanImages {
  readonly model: string;
  readonly packaging: string;
  /** x86 CPU PyTorch inference image: Python, boto3 and pip for the scripts of the action. */
  readonly python: string;
  readonly inference: Readonly<Partial<Record<RegionCode, string>>>;
}
