import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Objects } from '../../src/aws/types.ts';
import { formatS3Uri } from '../../src/core/s3-uri.ts';

/** A working S3 in memory, as far as the action uses it. */
export function memoryObjects(): Objects & { readonly texts: ReadonlyMap<string, string> } {
  const texts = new Map<string, string>();
  const etag = (text: string) => createHash('md5').update(text).digest('hex');
  const info = (text: string) => ({ sizeBytes: Buffer.byteLength(text), etag: etag(text), versionId: undefined });
  const find = (uri: string) => {
    const text = texts.get(uri);
    return text === undefined ? undefined : { text, ...info(text) };
  };
  return {
    texts,
    head: (location) => Promise.resolve(find(formatS3Uri(location))),
    readStart(location, bytes) {
      const found = find(formatS3Uri(location));
      if (found === undefined) return Promise.resolve(undefined);
      return Promise.resolve({ ...found, start: Readable.from([Buffer.from(found.text).subarray(0, bytes)]) });
    },
    async download(location, path, begin) {
      const found = find(formatS3Uri(location));
      if (found === undefined) return undefined;
      await writeFile(path, found.text);
      begin(found.sizeBytes)(found.sizeBytes);
      return found.sizeBytes;
    },
    async upload(location, path, begin) {
      const text = readFileSync(path, 'utf8');
      const present = find(formatS3Uri(location))?.text;
      if (present !== undefined) return present === text ? 'same' : 'other';
      texts.set(formatS3Uri(location), text);
      begin(Buffer.byteLength(text))(Buffer.byteLength(text));
      return 'written';
    },
    readText: (location) => Promise.resolve(find(formatS3Uri(location))),
    put(location, body, { condition }) {
      const uri = formatS3Uri(location);
      const present = find(uri);
      const refused =
        (condition.kind === 'absent' && present !== undefined) ||
        (condition.kind === 'etag' && present?.etag !== condition.etag);
      if (refused) return Promise.resolve({ kind: 'exists' });
      const text = body instanceof Uint8Array ? Buffer.from(body).toString() : readFileSync(body.path, 'utf8');
      texts.set(uri, text);
      return Promise.resolve({ kind: 'written', etag: etag(text) });
    },
    copy(from, to) {
      texts.set(formatS3Uri(to), texts.get(formatS3Uri(from)) ?? '');
      return Promise.resolve();
    },
    list(prefix) {
      const begin = formatS3Uri(prefix);
      const found = [...texts].filter(([uri]) => uri.startsWith(begin));
      return Promise.resolve(
        found.map(([uri, text]) => ({ key: uri.slice(`s3://${prefix.bucket}/`.length), ...info(text) })),
      );
    },
    bucketRegion: () => Promise.resolve('us-east-1'),
  };
}
