import { AwsError } from '../contracts.ts';
import type { Reply } from '../http/exchange.ts';
import type { XmlElement, XmlTree } from '../xml.ts';
import { childrenNamed, childText, readXml, writeXml } from '../xml.ts';
import { invalidRequest, malformedXml, noSuchKey, preconditionFailed } from './errors.ts';
import { checkVersionId } from './find-version.ts';
import type { S3Call } from './handler.ts';
import { XML_NAMESPACE, xmlReply } from './handler.ts';
import { NULL_VERSION } from './model.ts';
import { receiveDocument } from './receive.ts';
import type { S3Store } from './store.ts';

const KEYS_LIMIT = 1000;

interface Target {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
}

interface Deleted {
  /** Of what was removed, or of the delete marker that was made. */
  readonly versionId?: string;
  readonly marker?: 'made' | 'removed';
}

export function deleteObject({ store, request, bucket, key }: S3Call): Reply {
  const match = request.headers['if-match'];
  const current = store.current(bucket, key);
  if (match !== undefined && current === undefined) throw noSuchKey(key);
  if (match !== undefined && match !== '*' && match.replaceAll('"', '') !== current?.body.etag) {
    throw preconditionFailed('If-Match');
  }
  const deleted = remove(store, { bucket, key, versionId: request.query.get('versionId') ?? undefined });
  return {
    status: 204,
    headers: {
      ...(deleted.versionId === undefined ? {} : { 'x-amz-version-id': deleted.versionId }),
      ...(deleted.marker === undefined ? {} : { 'x-amz-delete-marker': 'true' }),
    },
  };
}

/** Deleting what is not there succeeds. */
function remove(store: S3Store, { bucket, key, versionId }: Target): Deleted {
  const { versioning } = store.bucket(bucket);
  if (versionId !== undefined) {
    checkVersionId(versionId);
    const version = store.state.versions(bucket, key).find((candidate) => candidate.versionId === versionId);
    if (version === undefined) return { versionId };
    store.commit({ event: 'version-deleted', bucket, key, versionId });
    return { versionId, ...(version.body === undefined ? { marker: 'removed' as const } : {}) };
  }
  if (versioning === 'Off') {
    if (store.latest(bucket, key) !== undefined) {
      store.commit({ event: 'version-deleted', bucket, key, versionId: NULL_VERSION });
    }
    return {};
  }
  const marker = store.putVersion({ bucket, key, headers: {}, metadata: {}, tags: {} });
  return { versionId: marker.versionId, marker: 'made' };
}

export async function deleteObjects(call: S3Call): Promise<Reply> {
  const { text, verified } = await receiveDocument(call.request);
  if (!verified) throw invalidRequest('Missing required header for this request: Content-MD5 OR x-amz-checksum-*');
  const root = readXml(text, 'Delete');
  const objects = root === undefined ? [] : childrenNamed(root, 'Object');
  if (root === undefined || objects.length === 0 || objects.length > KEYS_LIMIT) throw malformedXml();
  const outcomes = objects.map((element) => removeListed(call, element));
  const quiet = childText(root, 'Quiet')?.toLowerCase() === 'true';
  const result = {
    Deleted: quiet ? [] : outcomes.flatMap((outcome) => (outcome.deleted === undefined ? [] : [outcome.deleted])),
    Error: outcomes.flatMap((outcome) => (outcome.error === undefined ? [] : [outcome.error])),
  };
  return xmlReply(writeXml('DeleteResult', result, XML_NAMESPACE));
}

function removeListed({ store, bucket }: S3Call, element: XmlElement): { deleted?: XmlTree; error?: XmlTree } {
  const Key = childText(element, 'Key');
  if (Key === undefined || Key === '') throw malformedXml();
  const VersionId = childText(element, 'VersionId');
  try {
    const { versionId, marker } = remove(store, { bucket, key: Key, versionId: VersionId });
    const markers = marker === undefined ? {} : { DeleteMarker: true, DeleteMarkerVersionId: versionId };
    return { deleted: { Key, VersionId, ...markers } };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { error: { Key, VersionId, Code: error.code, Message: error.message } };
  }
}
