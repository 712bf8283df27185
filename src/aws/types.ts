import type { Readable } from 'node:stream';
import type { StepState } from '../core/runner.ts';
import type { S3Location } from '../core/s3-uri.ts';

/** The few AWS calls that a deployment makes, in our words. `sdk/` implements it; nothing else knows the SDK. */
export interface Aws {
  identity(): Promise<Identity>;
  readonly objects: Objects;
  readonly pipelines: Pipelines;
  /** The model registry of one AWS region. */
  registry(awsRegion: string): Registry;
  readonly jobs: Jobs;
  /** Inference Recommender of one AWS region. */
  loadTests(awsRegion: string): LoadTests;
  /** How many requests were made so far, those that were made again counted in: waits are calm by it. */
  requestsMade(): number;
}

export interface Identity {
  readonly accountId: string;
  readonly arn: string;
}

export interface ObjectInfo {
  readonly sizeBytes: number;
  /** Without quotes. */
  readonly etag: string;
  readonly versionId: string | undefined;
  /** In a storage class that nothing can be read from before it is restored. */
  readonly isArchived?: boolean;
}

export interface ObjectStart extends ObjectInfo {
  readonly start: Readable;
}

/** What a put does where the key is taken: only if absent, only over this ETag, or always. */
type PutCondition =
  | { readonly kind: 'absent' }
  | { readonly kind: 'etag'; readonly etag: string }
  | { readonly kind: 'always' };

export interface PutOptions {
  readonly condition: PutCondition;
  /** KMS key to encrypt with; the bucket's own default without. */
  readonly kmsKey?: string | undefined;
  readonly contentType?: string;
  /** Told how many bytes of a large file are sent. */
  readonly onBytes?: (doneBytes: number) => void;
}

export interface Objects {
  /** undefined where there is no such object. */
  head(location: S3Location): Promise<ObjectInfo | undefined>;
  /**
   * An object and its first bytes, in one request: at most `bytes` of them, read as they are asked for. undefined where
   * there is no such object. An empty object has no first bytes.
   */
  readStart(location: S3Location, bytes: number): Promise<ObjectStart | undefined>;
  /** undefined where there is no such object. For small documents: the whole text is held in memory. */
  readText(location: S3Location): Promise<StoredText | undefined>;
  /**
   * Into a file, in ranges of which several are under way. `begin` gets the size and returns what is called with the number of bytes that have arrived.
   * Answers the size; undefined where there is no such object.
   */
  download(location: S3Location, path: string, begin: Begin): Promise<number | undefined>;
  /** A file into a new object, in parts. What is there already is never overwritten. */
  upload(location: S3Location, path: string, begin: Begin): Promise<UploadResult>;
  /** `exists`: the condition did not hold and nothing was written. */
  put(location: S3Location, body: Uint8Array | { readonly path: string }, options: PutOptions): Promise<PutResult>;
  copy(from: S3Location, to: S3Location, kmsKey?: string): Promise<void>;
  /** All objects below a prefix. */
  list(prefix: S3Location): Promise<readonly (ObjectInfo & { readonly key: string })[]>;
  /**
   * The AWS region of a bucket; undefined where there is no such bucket. With an account, a bucket of another one is
   * refused; one that was found in the account must stay there: every later call says whose it has to be.
   */
  bucketRegion(bucket: string, expectedOwner?: string): Promise<string | undefined>;
}

/** A small document as it was read. */
export interface StoredText {
  /** Empty where it is too large to be one of ours. */
  readonly text: string;
  readonly etag: string;
  /** Longer than any document of ours; nothing of it was kept. */
  readonly tooLarge?: boolean;
  /** How long ago it was written, by the clock of S3 alone; undefined where the answer did not say. */
  readonly ageMs?: number | undefined;
}

/** Gets the size of a transfer; returns what is called with the number of bytes that are through. */
export type Begin = (sizeBytes: number) => (doneBytes: number) => void;

/** `same`: this very file is there already; `other`: something else is, or it is not known what. */
export type UploadResult = 'written' | 'same' | 'other';

export type PutResult = { readonly kind: 'written'; readonly etag: string } | { readonly kind: 'exists' };

export interface DeployedPipeline {
  readonly arn: string;
  readonly definition: string;
  readonly roleArn: string;
  readonly description: string;
}

/** The definition inline, or where it lies in S3. */
export type DefinitionSource = { readonly text: string } | { readonly location: S3Location };

export interface PipelineSpec {
  readonly name: string;
  readonly description: string;
  readonly roleArn: string;
  readonly definition: DefinitionSource;
}

export interface StartRequest {
  readonly pipeline: string;
  readonly versionId: number | undefined;
  readonly displayName: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** The same token starts one execution only; 32 to 128 characters. */
  readonly token: string;
  /** Run these steps only, with the results of an earlier execution for all others. */
  readonly selective: SelectiveStart | undefined;
}

export interface SelectiveStart {
  readonly sourceArn: string;
  readonly steps: readonly string[];
}

/** Those that AWS documents. Any other text can come at any time, as CompletedWithFailures did: see `hasEnded`. */
export type ExecutionStatus = 'Executing' | 'Stopping' | 'Stopped' | 'Failed' | 'Succeeded' | (string & {});

export interface ExecutionState {
  readonly status: ExecutionStatus;
  /** The version of the pipeline that runs; undefined where the answer does not say. */
  readonly versionId: number | undefined;
  readonly failureReason: string | undefined;
  readonly displayName: string;
}

export interface ExecutionSummary {
  readonly arn: string;
  readonly displayName: string;
  readonly description: string;
  readonly status: ExecutionStatus;
}

export interface Pipelines extends Taggable {
  /** undefined where there is no such pipeline. */
  describe(name: string): Promise<DeployedPipeline | undefined>;
  /** `exists` where another job was faster. */
  create(spec: PipelineSpec, tags: Readonly<Record<string, string>>): Promise<{ readonly arn: string } | 'exists'>;
  /** The newest versions of a pipeline, newest first. */
  versions(name: string): Promise<readonly number[]>;
  /** What a version holds; undefined where there is no such pipeline or version. */
  versionDefinition(name: string, versionId: number): Promise<string | undefined>;
  /** The version that this update made; undefined where the service names none. */
  update(spec: PipelineSpec): Promise<{ readonly arn: string; readonly versionId: number | undefined }>;
  start(request: StartRequest): Promise<string>;
  /** Repeating it is harmless: the token of the request follows from the execution. One that has ended needs no stop. */
  stop(executionArn: string): Promise<void>;
  execution(executionArn: string): Promise<ExecutionState>;
  steps(executionArn: string): Promise<readonly StepState[]>;
  /** The newest executions of a pipeline, newest first; empty where there is no such pipeline. */
  recent(name: string): Promise<readonly ExecutionSummary[]>;
}

export interface Taggable {
  tags(arn: string): Promise<Readonly<Record<string, string>>>;
  addTags(arn: string, tags: Readonly<Record<string, string>>): Promise<void>;
}

export type ApprovalState = 'PendingManualApproval' | 'Approved' | 'Rejected';

export interface ModelPackage {
  readonly arn: string;
  readonly group: string;
  readonly version: number;
  readonly status: 'Pending' | 'InProgress' | 'Completed' | 'Failed' | 'Deleting';
  readonly approval: ApprovalState;
  /** Why the approval is what it is, in the words of who set it. */
  readonly approvalDescription?: string | undefined;
  readonly modelDataUrl: string | undefined;
  /** Customer metadata: what this action, and others, wrote on it. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** A version of a group as a list shows it. */
export interface PackageVersion {
  readonly arn: string;
  readonly version: number;
  readonly approval: ApprovalState;
}

export interface Registry extends Taggable {
  /** The group's ARN, or undefined where there is no such group. `group` is a name or an ARN. */
  groupArn(group: string): Promise<string | undefined>;
  /** `exists` where another job was faster. */
  createGroup(name: string, description: string, tags: Readonly<Record<string, string>>): Promise<'created' | 'exists'>;
  /** undefined where there is no such package. */
  describe(arn: string): Promise<ModelPackage | undefined>;
  /** Versions of a group, newest first, asked for page by page; nothing where there is no such group. */
  versions(group: string): AsyncIterable<PackageVersion>;
  setApproval(arn: string, approval: ApprovalState, why: string): Promise<void>;
  /** What the package has already stays. */
  addMetadata(arn: string, metadata: Readonly<Record<string, string>>): Promise<void>;
}

export interface JobReport {
  /** As SageMaker holds it, and log streams begin with it: an ARN may have it in lower case. */
  readonly name: string;
  readonly exitMessage: string | undefined;
  readonly failureReason: string | undefined;
}

export interface Jobs {
  /** By the name, or by how an ARN spells it. */
  describe(name: string): Promise<JobReport>;
  /** The name of a model, by how an ARN spells it. */
  modelName(name: string): Promise<string>;
  /** The last lines of every container of a processing job, oldest first; several containers get a headline each. */
  logTail(jobName: string, lines: number): Promise<readonly string[]>;
}

export type ApprovalStatus = 'PendingManualApproval' | 'Approved' | 'Rejected';

/** One load test by SageMaker Inference Recommender (job type Advanced). */
export interface LoadTestSpec {
  /** Up to 64 letters, digits and hyphens; the name is the identity of the job. */
  readonly name: string;
  readonly description: string;
  readonly packageArn: string;
  readonly roleArn: string;
  readonly instanceType: string;
  readonly initialUsers: number;
  /** New users a minute. */
  readonly spawnRate: number;
  /** How long users are added and kept: 120 to 3600. */
  readonly durationSeconds: number;
  /** For everything, endpoints included; at most 18,000. */
  readonly jobDurationSeconds: number;
  /** The test stops when so many invocations a minute are answered. */
  readonly maxInvocationsPerMinute: number;
  /** The test stops when P95 of the model latency reaches this. */
  readonly maxLatencyMs: number;
  readonly kmsKey: string | undefined;
}

export interface LoadTestMetrics {
  readonly maxInvocationsPerMinute: number | undefined;
  readonly modelLatencyMs: number | undefined;
  readonly costPerHourUsd: number | undefined;
  readonly costPerInferenceUsd: number | undefined;
}

export interface LoadTestState {
  /** A status that is not known yet is kept as it is. */
  readonly status: string;
  readonly failureReason: string | undefined;
  /** The package that it loads; undefined where the service does not say. */
  readonly packageArn?: string | undefined;
  /** undefined where the service has measured nothing. */
  readonly metrics: LoadTestMetrics | undefined;
}

export interface LoadTests {
  /** `exists` where there is a job of this name already. */
  start(spec: LoadTestSpec): Promise<'started' | 'exists'>;
  /** undefined where there is no such job. */
  describe(name: string): Promise<LoadTestState | undefined>;
  /** Repeating it is harmless, also after the end of the job. */
  stop(name: string): Promise<void>;
  /** The last lines of the log of the endpoint that the job makes; empty where there is none. */
  logTail(name: string, lines: number): Promise<readonly string[]>;
}
