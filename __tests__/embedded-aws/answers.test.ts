import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { ANSWER_TABLE, checkAnswers, parseAnswers } from '../../embedded-aws/answers.ts';
import { readArguments } from '../../embedded-aws/arguments.ts';
import { useEmbeddedAws } from './support.ts';

let nowMs = Date.parse('2031-01-01T00:00:00Z');
const running = useEmbeddedAws({ clock: { nowMs: () => nowMs } });

test('every switch and its values stand in the README, the standard one first', async () => {
  const readme = await readFile(join(import.meta.dirname, '../../../embedded-aws/README.md'), 'utf8');
  const rows = readme.split('\n').flatMap((line) => {
    const [, name, values] = /^\| `([a-z0-9-]+)` \| ((?:`[^`]+`(?:, )?)+) \|/.exec(line) ?? [];
    return name === undefined || values === undefined ? [] : [[name, values.replaceAll('`', '').split(', ')]];
  });
  expect(Object.fromEntries(rows)).toEqual(ANSWER_TABLE);
});

describe('answers', () => {
  const url = () => `${running().aws.url}/_embedded/answers`;

  test('are switched over HTTP, all at once, and told', async () => {
    const put = (body: string) => fetch(url(), { method: 'PUT', body });
    await put('{"cache-hit": "absent", "pages": "endless"}');
    const second = await (await put('{"arn-names": "kept"}')).json();
    const told = await (await fetch(url())).json();
    await put('{}');
    expect([second, told, await (await fetch(url())).json()]).toEqual([
      { 'arn-names': 'kept' },
      { 'arn-names': 'kept' },
      {},
    ]);
  });

  test('are switched on the command line', () => {
    expect(readArguments(['--answer', 'cache-hit=empty', '--answer', 'pages=end']).answers).toEqual({
      'cache-hit': 'empty',
      pages: 'end',
    });
  });

  test.each([
    ['no object', '[]', 'Answers must be a JSON object, name to value; found [].'],
    [
      'a name of none',
      '{"cache": "empty"}',
      "There is no answer 'cache' to switch; expected one of s3-conditional-put, ",
    ],
    ['a value of none', '{"pages": "two"}', `The answer 'pages' is "two"; expected end or endless.`],
    ['the name of something inherited', '{"toString": "x"}', "There is no answer 'toString' to switch"],
  ])('are refused with %s', (_, body, message) => {
    expect(() => parseAnswers(body)).toThrow(message);
  });

  test('may be any of the table', () => {
    const pairs = Object.entries(ANSWER_TABLE).flatMap(([name, values]) =>
      values.map((value) => [name, value] as const),
    );
    for (const pair of pairs) expect(checkAnswers([pair])).toEqual(Object.fromEntries([pair]));
  });
});

test('a bucket of another account is made by a third part of --bucket', () => {
  expect(readArguments(['--bucket', 'b=eu-west-1=999999999999', '--bucket', 'c']).buckets).toEqual([
    { name: 'b', region: 'eu-west-1', ownerId: '999999999999' },
    { name: 'c', region: 'us-east-1' },
  ]);
});

test('the Date of an answer is of the same clock as the times in it', async () => {
  await running().aws.store.putBytes('models', 'aged', Buffer.from('x'));
  nowMs += 3_600_000;
  const s3 = running().s3();
  let date: string | undefined;
  s3.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      date = (result.response as { headers: Record<string, string> }).headers['date'];
      return result;
    },
    { step: 'deserialize', priority: 'low' },
  );
  const { LastModified } = await s3.send(new HeadObjectCommand({ Bucket: 'models', Key: 'aged' }));
  expect(Date.parse(date ?? '') - (LastModified?.getTime() ?? 0)).toBe(3_600_000);
});
