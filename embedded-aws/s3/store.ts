import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { AnswerBook } from '../answers.ts';
import type { Clock } from '../contracts.ts';
import type { Journal } from '../state/journal.ts';
import { openJournal } from '../state/journal.ts';
import type { BodyFolder } from './bodies.ts';
import { openBodyFolder } from './bodies.ts';
import { noSuchBucket } from './errors.ts';
import type { Bucket, ObjectBody, ObjectVersion, S3Event } from './model.ts';
import { NULL_VERSION } from './model.ts';
import { S3State } from './state.ts';

/** A version that has a body: no delete marker. */
export type LiveVersion = ObjectVersion & { readonly body: ObjectBody };

/** The state, kept on disk. All changes go through `commit`, which is synchronous: that is what makes them atomic. */
export class S3Store {
  readonly state = new S3State();
  readonly bodies: BodyFolder;
  readonly clock: Clock;
  /** The account that buckets belong to which name no other. */
  readonly ownerId: string;
  readonly answers: AnswerBook;
  private readonly journal: Journal<S3Event>;
  /** What uploads became, for clients that ask for the same again. */
  private readonly completed = new Map<string, ObjectVersion>();

  constructor(folder: string, setting: { clock: Clock; ownerId: string; answers: AnswerBook }) {
    this.clock = setting.clock;
    this.ownerId = setting.ownerId;
    this.answers = setting.answers;
    this.bodies = openBodyFolder(join(folder, 'bodies'));
    this.journal = openJournal<S3Event>(join(folder, 'journal.jsonl'), {
      replay: (event) => this.state.apply(event),
      snapshot: () => this.state.events(),
    });
    this.bodies.sweep(new Set(Array.from(this.state.events()).flatMap(bodiesOf)));
  }

  commit(event: S3Event): void {
    this.journal.append(event);
    this.bodies.retire(this.state.apply(event));
  }

  /** Makes a body the current version of its key. */
  putVersion(draft: Omit<ObjectVersion, 'versionId' | 'lastModifiedMs'>): ObjectVersion {
    const versionId = this.nextVersionId(draft.bucket);
    const version = { ...draft, versionId, lastModifiedMs: this.clock.nowMs() };
    this.commit({ event: 'version', version });
    return version;
  }

  endUpload(uploadId: string, version: ObjectVersion): void {
    this.completed.set(uploadId, version);
    this.commit({ event: 'upload-ended', uploadId });
  }

  completedUpload(uploadId: string): ObjectVersion | undefined {
    return this.completed.get(uploadId);
  }

  /** @throws S3Error NoSuchBucket */
  bucket(name: string): Bucket {
    const bucket = this.state.bucket(name);
    if (bucket === undefined) throw noSuchBucket(name);
    return bucket;
  }

  /** The current version, be it a delete marker. */
  latest(bucket: string, key: string): ObjectVersion | undefined {
    return this.state.versions(bucket, key).at(-1);
  }

  /** The current object, if there is one. */
  current(bucket: string, key: string): LiveVersion | undefined {
    const version = this.latest(bucket, key);
    return version !== undefined && isLive(version) ? version : undefined;
  }

  close(): void {
    this.journal.close();
  }

  private nextVersionId(bucket: string): string {
    const versioned = this.state.bucket(bucket)?.versioning === 'Enabled';
    return versioned ? randomBytes(24).toString('base64url') : NULL_VERSION;
  }
}

export function isLive(version: ObjectVersion): version is LiveVersion {
  return version.body !== undefined;
}

function bodiesOf(event: S3Event): string[] {
  if (event.event === 'part') return [event.part.id];
  return event.event === 'version' && event.version.body !== undefined ? [event.version.body.id] : [];
}
