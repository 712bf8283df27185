import { describe, expect, test } from '@jest/globals';
import type { ConditionBlock, PolicyDocument, Statement } from './documents.ts';
import { decide, holds, like, type Decision } from './evaluate.ts';

const read: Statement = { Sid: 'Read', Effect: 'Allow', Action: 's3:Get*', Resource: 'arn:aws:s3:::bucket/*' };
const secret: Statement = { Sid: 'No', Effect: 'Deny', Action: ['s3:*'], Resource: ['arn:aws:s3:::bucket/secret/*'] };
const rows: readonly [Decision, string, string, readonly Statement[]][] = [
  ['allowed', 's3:GetObject', 'arn:aws:s3:::bucket/a/b', [read]],
  ['allowed', 'S3:getobject', 'arn:aws:s3:::bucket/a/b', [read]],
  ['not allowed', 's3:GetObject', 'arn:aws:s3:::Bucket/a', [read]],
  ['not allowed', 's3:PutObject', 'arn:aws:s3:::bucket/a', [read]],
  ['not allowed', 's3:GetObject', 'arn:aws:s3:::bucket/a', []],
  ['denied', 's3:GetObject', 'arn:aws:s3:::bucket/secret/a', [read, secret]],
  ['denied', 's3:GetObject', 'arn:aws:s3:::bucket/secret/a', [secret, read]],
  ['denied', 's3:PutObject', 'arn:aws:s3:::bucket/secret/a', [secret]],
];

test.each(rows)('it is %s to %s %s', (decision, action, resource, statements) => {
  const documents: PolicyDocument[] = statements.map((Statement) => ({
    Version: '2012-10-17',
    Statement: [Statement],
  }));
  expect(decide(documents, { action, resource })).toBe(decision);
});

const status = (value: string | string[]) => ({ status: value });
const conditions: readonly [boolean, string, ConditionBlock, Readonly<Record<string, string | string[]>>][] = [
  [true, 'no condition holds', {}, {}],
  [true, 'an equal value', { StringEquals: status('A') }, status('A')],
  [true, 'one of several', { StringEquals: status(['A', 'B']) }, status('B')],
  [true, 'a key in other letters', { StringEquals: { STATUS: 'A' } }, status('A')],
  [false, 'a value in other letters', { StringEquals: status('A') }, status('a')],
  [false, 'an absent key is equal to nothing', { StringEquals: status('A') }, {}],
  [true, 'an absent key with IfExists', { StringEqualsIfExists: status('A') }, {}],
  [false, 'another value with IfExists', { StringEqualsIfExists: status('A') }, status('B')],
  [true, 'an absent key is not equal to anything', { StringNotEquals: status('A') }, {}],
  [false, 'not equal to any of several', { StringNotEquals: status(['A', 'B']) }, status('B')],
  [true, 'not equal to all of several', { StringNotEquals: status(['A', 'B']) }, status('C')],
  [false, 'Null false asks for the key', { Null: status('false') }, {}],
  [true, 'Null false with the key', { Null: status('false') }, status('A')],
  [true, 'Null true without the key', { Null: status('true') }, {}],
  [false, 'two operators must both hold', { StringNotEquals: status('A'), Null: status('false') }, {}],
  [true, 'a pattern', { StringLike: status('refs/tags/*') }, status('refs/tags/v1/x')],
  [false, 'a pattern is not taken as a part', { StringLike: status('refs/tags/?') }, status('refs/tags/12')],
  [false, 'equality knows no patterns', { StringEquals: status('A*') }, status('AB')],
  [true, 'any value of several', { 'ForAnyValue:StringEquals': status('B') }, status(['A', 'B'])],
  [false, 'any value of none', { 'ForAnyValue:StringEquals': status('B') }, {}],
  [true, 'all values of none', { 'ForAllValues:StringEquals': status('B') }, {}],
  [true, 'an ARN by parts', { ArnLike: status('arn:aws:sagemaker:*:1:*') }, status('arn:aws:sagemaker:x:1:a:b/c')],
  [
    false,
    'a part does not reach over',
    { ArnLike: status('arn:aws:sagemaker:*:2') },
    status('arn:aws:sagemaker:x:1:2'),
  ],
];

test.each(conditions)('that is %s: %s', (result, _name, block, context) => {
  expect(holds(block, context)).toBe(result);
});

describe('what it does not know is an error', () => {
  test('an operator', () => expect(() => holds({ DateLessThan: status('A') }, {})).toThrow('DateLessThan'));
  test('a pattern of dots stands for dots', () => expect(like('a.b', 'axb')).toBe(false));
});
