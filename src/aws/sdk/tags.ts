import type { Taggable } from '../types.ts';
import { call, must } from './call.ts';
import type { SageMaker } from './sagemaker.ts';

/** Tags of pipelines and groups. */
export function createTags(sageMaker: SageMaker): Taggable {
  return {
    async tags(arn: string) {
      const { sdk, client } = await sageMaker();
      return call(`list the tags of ${arn}`, async () => {
        const found: Record<string, string> = {};
        for await (const page of sdk.paginateListTags({ client }, { ResourceArn: arn })) {
          for (const tag of page.Tags ?? []) found[must(tag.Key, 'Key')] = tag.Value ?? '';
        }
        return found;
      });
    },
    async addTags(arn: string, tags: Readonly<Record<string, string>>) {
      const { sdk, client } = await sageMaker();
      await call(`tag ${arn}`, () => client.send(new sdk.AddTagsCommand({ ResourceArn: arn, Tags: tagList(tags) })));
    },
  };
}

export function tagList(tags: Readonly<Record<string, string>>) {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
