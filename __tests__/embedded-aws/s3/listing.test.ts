import type { ListObjectsV2CommandInput } from '@aws-sdk/client-s3';
import { ListObjectsV2Command, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { refusalOf, useEmbeddedAws } from '../support.ts';

const running = useEmbeddedAws();
const Bucket = 'listing';
/** In the order of their bytes: `～` (U+FF5E) sorts before the rocket, though its UTF-16 unit is larger. */
const KEYS = ['a/1', 'a/2', 'a/b/3', 'a b', 'b+c', 'c/', 'c/d', 'z', '～', '🚀'];
const SORTED = ['a b', 'a/1', 'a/2', 'a/b/3', 'b+c', 'c/', 'c/d', 'z', '～', '🚀'];

beforeAll(async () => {
  const { store } = running().aws;
  await store.createBucket(Bucket, 'us-east-1');
  for (const key of KEYS) await store.putBytes(Bucket, key, Buffer.from(key));
});

async function list(options: Partial<ListObjectsV2CommandInput>) {
  const page = await running()
    .s3()
    .send(new ListObjectsV2Command({ Bucket, ...options }));
  return {
    keys: page.Contents?.map(({ Key }) => Key) ?? [],
    prefixes: page.CommonPrefixes?.map(({ Prefix }) => Prefix) ?? [],
  };
}

describe('a listing', () => {
  test.each([
    ['of everything is in the order of bytes', {}, SORTED, []],
    ['by prefix', { Prefix: 'a/' }, ['a/1', 'a/2', 'a/b/3'], []],
    ['by delimiter', { Delimiter: '/' }, ['a b', 'b+c', 'z', '～', '🚀'], ['a/', 'c/']],
    ['by prefix and delimiter', { Prefix: 'a/', Delimiter: '/' }, ['a/1', 'a/2'], ['a/b/']],
    ['of a folder that is an object, too', { Prefix: 'c/', Delimiter: '/' }, ['c/', 'c/d'], []],
    ['after a key', { StartAfter: 'c/' }, ['c/d', 'z', '～', '🚀'], []],
    ['with encoded keys', { EncodingType: 'url', Prefix: 'b' } as const, ['b%2Bc'], []],
    ['of nothing', { Prefix: 'nothing' }, [], []],
    ['of no more than asked for', { MaxKeys: 2 }, ['a b', 'a/1'], []],
  ])('%s', async (...[, options, keys, prefixes]) => {
    expect(await list(options)).toEqual({ keys, prefixes });
  });

  test.each([1, 2, 3, 1000])('in pages of %d has every entry once', async (pageSize) => {
    const found: (string | undefined)[] = [];
    const pages = paginateListObjectsV2({ client: running().s3(), pageSize }, { Bucket, Delimiter: '/' });
    for await (const page of pages) {
      found.push(
        ...(page.Contents ?? []).map(({ Key }) => Key),
        ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
      );
    }
    expect(found).toHaveLength(7);
    expect(new Set(found)).toEqual(new Set(['a b', 'a/', 'b+c', 'c/', 'z', '～', '🚀']));
  });

  test('does not go on by a token of somebody else', async () => {
    expect(await refusalOf(list({ ContinuationToken: 'mine' }))).toEqual({ code: 'InvalidArgument', status: 400 });
  });
});
