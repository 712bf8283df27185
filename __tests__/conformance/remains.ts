/** What is there in an embedded AWS, by the state that it keeps: nobody can list jobs and models by a call there. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { EmbeddedAws } from '../../embedded-aws/server.ts';

/** Entries of ended load tests stay: AWS has no call to remove them. Tokens are no things. */
const KINDS = ['pipelines', 'executions', 'models', 'groups', 'packages', 'jobs', 'tags'] as const;

/** Each as `kind: name`. */
export function remainsOf(aws: EmbeddedAws, of: { stateFolder: string; buckets: readonly string[] }): string[] {
  return [
    ...resources(of.stateFolder),
    ...streams(of.stateFolder),
    ...uploads(of.stateFolder),
    ...of.buckets.flatMap((name) => objects(aws, name)),
  ];
}

function resources(stateFolder: string): string[] {
  const folder = join(stateFolder, 'state');
  return readdirSync(folder)
    .filter((name) => name.startsWith('sagemaker-'))
    .flatMap((name) => {
      const region = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<string, object>;
      return KINDS.flatMap((kind) => Object.keys(region[kind] ?? {}).map((arn) => `${kind}: ${arn}`));
    });
}

interface Entry {
  readonly group: string;
  readonly stream: string;
  readonly removed?: true;
}

interface Upload {
  readonly event: string;
  readonly upload?: { readonly id: string };
  readonly uploadId?: string;
}

function streams(stateFolder: string): string[] {
  const there = new Set<string>();
  for (const { group, stream, removed } of journal<Entry>(stateFolder, 'logs')) {
    // Logs of load tests belong to their entries.
    if (group !== '/aws/sagemaker/ProcessingJobs') continue;
    if (removed === true) there.delete(`stream: ${stream}`);
    else there.add(`stream: ${stream}`);
  }
  return [...there];
}

/** Uploads that were neither completed nor aborted. */
function uploads(stateFolder: string): string[] {
  const there = new Set<string>();
  for (const { event, upload, uploadId = '' } of journal<Upload>(stateFolder, 's3')) {
    if (event === 'upload') there.add(`upload: ${upload?.id}`);
    if (event === 'upload-ended') there.delete(`upload: ${uploadId}`);
  }
  return [...there];
}

function journal<Event>(stateFolder: string, service: string): Event[] {
  const lines = readFileSync(join(stateFolder, service, 'journal.jsonl'), 'utf8')
    .split('\n')
    .slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Event);
}

function objects(aws: EmbeddedAws, bucket: string): string[] {
  return aws.store.list(bucket, '').map(({ key }) => `object: s3://${bucket}/${key}`);
}
