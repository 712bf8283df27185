import type { XmlElement } from '../xml.ts';
import { childrenNamed, childText, readXml, writeXml } from '../xml.ts';
import { malformedXml, S3Error } from './errors.ts';
import type { S3Call } from './handler.ts';
import { versionHeader, XML_NAMESPACE, xmlReply } from './handler.ts';
import type { Reply } from '../http/exchange.ts';
import { findVersion } from './find-version.ts';
import { receiveDocument } from './receive.ts';

type Tags = Readonly<Record<string, string>>;

const TAG_LIMIT = 10;

/** The `x-amz-tagging` header: `a=1&b=2`. */
export function parseTagHeader(header: string | undefined): Tags {
  const tags: Record<string, string> = {};
  for (const [key, value] of new URLSearchParams(header ?? '')) tags[key] = value;
  return checkTags(tags);
}

/** @throws S3Error InvalidTag, BadRequest: lengths and number as the S3 user guide limits them */
function checkTags(tags: Tags): Tags {
  const entries = Object.entries(tags);
  if (entries.length > TAG_LIMIT) throw new S3Error('BadRequest', 'Object tags cannot be greater than 10');
  for (const [key, value] of entries) {
    if (key === '' || key.length > 128) throw new S3Error('InvalidTag', 'The TagKey you have provided is invalid');
    if (value.length > 256) throw new S3Error('InvalidTag', 'The TagValue you have provided is invalid');
  }
  return tags;
}

export function getObjectTagging(call: S3Call): Reply {
  const version = findVersion(call);
  const TagSet = { Tag: Object.entries(version.tags).map(([Key, Value]) => ({ Key, Value })) };
  return xmlReply(writeXml('Tagging', { TagSet }, XML_NAMESPACE), versionOf(call, version.versionId));
}

export async function putObjectTagging(call: S3Call): Promise<Reply> {
  const { text } = await receiveDocument(call.request);
  const root = readXml(text, 'Tagging');
  const set = root === undefined ? undefined : childrenNamed(root, 'TagSet')[0];
  if (set === undefined) throw malformedXml();
  const tags = checkTags(Object.fromEntries(childrenNamed(set, 'Tag').map(readTag)));
  return replaceTags(call, tags, 200);
}

export function deleteObjectTagging(call: S3Call): Reply {
  return replaceTags(call, {}, 204);
}

function replaceTags(call: S3Call, tags: Tags, status: number): Reply {
  const version = findVersion(call);
  call.store.retag(version, tags);
  return { status, headers: versionOf(call, version.versionId) };
}

function readTag(element: XmlElement): [string, string] {
  const key = childText(element, 'Key');
  const value = childText(element, 'Value');
  if (key === undefined || value === undefined) throw malformedXml();
  return [key, value];
}

function versionOf(call: S3Call, versionId: string): Record<string, string> {
  return versionHeader(call.store.state.bucket(call.bucket), versionId);
}
