import type { JsonObject } from '../contracts.ts';
import { validationError } from './errors.ts';
import { objects, text } from './json.ts';
import { pageAnswer, pageOf } from './paging.ts';
import { type Call, type Operation, save } from './service.ts';

type Tag = { Key: string; Value: string };

/** AWS's limit of tags on one resource. */
const mostTags = 50;

/** The request's Tags, checked: keys unique, none of AWS's own prefix. */
export function tagsOf(input: JsonObject): Tag[] {
  const tags = objects(input, 'Tags').map((tag) => ({ Key: text(tag, 'Key') ?? '', Value: text(tag, 'Value') ?? '' }));
  const seen = new Set<string>();
  for (const { Key } of tags) {
    if (/^aws:/i.test(Key)) {
      throw validationError(`Tag key '${Key}' is invalid: tag keys that begin with 'aws:' are reserved for AWS.`);
    }
    if (seen.has(Key)) throw validationError(`Duplicate tag keys found: '${Key}'. Tag keys must be unique.`);
    seen.add(Key);
  }
  return tags;
}

/** Keeps the Tags of a create request. */
export function putTags(input: JsonObject, arn: string, call: Call): void {
  const tags = tagsOf(input);
  if (tags.length > 0) call.region.tags[arn] = tags;
}

export const addTags: Operation = (input, call) => {
  const arn = taggable(input, call);
  const given = tagsOf(input);
  const keys = new Set(given.map((tag) => tag.Key));
  const kept = (call.region.tags[arn] ?? []).filter((tag) => !keys.has(tag.Key));
  if (kept.length + given.length > mostTags) {
    throw validationError(
      `${arn} would have ${kept.length + given.length} tags; the limit is ${mostTags} per resource.`,
    );
  }
  call.region.tags[arn] = [...kept, ...given];
  save(call);
  return { Tags: given };
};

export const listTags: Operation = (input, call) => {
  const tags = call.region.tags[taggable(input, call)] ?? [];
  return pageAnswer('Tags', pageOf<Tag>(tags, input, { keyOf: (tag) => tag.Key, pageSize: mostTags, call }));
};

function taggable(input: JsonObject, call: Call): string {
  const arn = text(input, 'ResourceArn') ?? '';
  const { pipelines, executions, models, groups, packages, jobs } = call.region;
  const modelPackage = packages[arn];
  if (modelPackage?.group !== undefined) {
    throw validationError(
      `${arn} is a versioned model package, which takes no tags of its own. Tag its group ${modelPackage.group.arn}.`,
    );
  }
  const known = [pipelines, executions, models, groups, packages, jobs].some((records) => Object.hasOwn(records, arn));
  if (!known) throw validationError(`The resource ${arn} does not exist in ${call.context.region}.`);
  return arn;
}
