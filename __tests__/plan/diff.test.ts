import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson, type JsonObject } from '../../src/core/json.ts';
import { diffPipelines, valueText } from '../../src/plan/diff.ts';

const pipeline = (definition: JsonObject, more = {}) => ({ definition, roleArn: 'role', description: 'd', ...more });
const step = (name: string, more: JsonObject = {}): JsonObject => ({ Name: name, Type: 'Processing', ...more });
const steps = (...all: readonly JsonObject[]) => pipeline({ Version: '2020-12-01', Steps: all });
const between = (old: JsonObject, present: JsonObject) =>
  diffPipelines(steps(step('S', present)), steps(step('S', old)))[0]?.changes;

describe('the difference of two pipelines', () => {
  test.each<readonly [string, JsonObject, JsonObject, unknown]>([
    ['a number', { Arguments: { A: { B: 1 } } }, { Arguments: { A: { B: 2 } } }, [{ path: 'A.B', old: 1, new: 2 }]],
    ['a new value', {}, { Arguments: { A: null } }, [{ path: 'A', new: null }]],
    ['a value that is gone', { CacheConfig: { Enabled: true } }, {}, [{ path: 'CacheConfig.Enabled', old: true }]],
    [
      'a member of a named list',
      {
        Arguments: {
          ProcessingInputs: [
            { InputName: 'a', U: 1 },
            { InputName: 'b', U: 1 },
          ],
        },
      },
      {
        Arguments: {
          ProcessingInputs: [
            { InputName: 'b', U: 2 },
            { InputName: 'a', U: 1 },
          ],
        },
      },
      [{ path: 'ProcessingInputs.b.U', old: 1, new: 2 }],
    ],
    [
      'a member of a list without names',
      { RetryPolicies: [{ MaxAttempts: 1 }, { MaxAttempts: 2 }] },
      { RetryPolicies: [{ MaxAttempts: 1 }, { MaxAttempts: 3 }] },
      [{ path: 'RetryPolicies.1.MaxAttempts', old: 2, new: 3 }],
    ],
    [
      'a list of names',
      { DependsOn: ['A'] },
      { DependsOn: ['A', 'B'] },
      [{ path: 'DependsOn', old: ['A'], new: ['A', 'B'] }],
    ],
    [
      'an expression as a whole',
      { Arguments: { U: { Get: 'Parameters.A' } } },
      { Arguments: { U: { 'Std:Join': { On: '/', Values: ['s3:/', { Get: 'Parameters.A' }] } } } },
      [
        {
          path: 'U',
          old: { Get: 'Parameters.A' },
          new: { 'Std:Join': { On: '/', Values: ['s3:/', { Get: 'Parameters.A' }] } },
        },
      ],
    ],
    [
      'an emptied object',
      { Arguments: { E: { X: 'x' } } },
      { Arguments: { E: {} } },
      [
        { path: 'E', new: {} },
        { path: 'E.X', old: 'x' },
      ],
    ],
  ])('tells %s by its path', (_what, old, present, expected) => {
    expect(between(old, present)).toEqual(expected);
  });

  test('tells steps that come and go, and what belongs to the pipeline itself', () => {
    const old = { ...steps(step('A'), step('B')), roleArn: 'old' };
    const diff = diffPipelines(steps(step('A'), step('C')), old);
    expect(diff.map(({ part, type, kind }) => [part, type, kind])).toEqual([
      ['pipeline', undefined, 'changed'],
      ['C', 'Processing', 'added'],
      ['B', 'Processing', 'removed'],
    ]);
    expect(diff[0]?.changes).toEqual([{ path: 'RoleArn', old: 'old', new: 'role' }]);
  });

  test('tells that steps stand in another order, where nothing else differs: the pipeline is updated for it', () => {
    expect(diffPipelines(steps(step('A'), step('B')), steps(step('B'), step('A')))).toEqual([
      { part: 'pipeline', kind: 'changed', changes: [{ path: 'Steps', old: ['B', 'A'], new: ['A', 'B'] }] },
    ]);
    expect(diffPipelines(steps(step('A')), steps(step('A'), step('A')))).toMatchObject([
      { changes: [{ path: 'Steps', old: ['A', 'A'], new: ['A'] }] },
    ]);
    const inputs = (...names: readonly string[]) => ({ Arguments: { I: names.map((InputName) => ({ InputName })) } });
    expect(between(inputs('a', 'b'), inputs('b', 'a'))).toEqual([
      { path: 'lists', old: 'in another order', new: 'in the order of this definition' },
    ]);
  });

  const json = fc.object({
    key: fc.constantFrom('A', 'B', 'Name', 'Get'),
    values: [fc.integer(), fc.string(), fc.boolean(), fc.constant(null)],
    maxDepth: 3,
  }) as fc.Arbitrary<JsonObject>;

  test('is empty exactly where both are the same definition', () => {
    fc.assert(
      fc.property(fc.array(json, { maxLength: 3 }), fc.array(json, { maxLength: 3 }), (a, b) => {
        const all = (values: readonly JsonObject[]) =>
          steps(...values.map((value, index) => step(`S${index}`, { value })));
        const same = canonicalJson(all(a).definition) === canonicalJson(all(b).definition);
        expect(diffPipelines(all(a), all(b)).length === 0).toBe(same);
      }),
    );
  });

  test('is empty for a pipeline and itself, whatever it holds', () => {
    fc.assert(
      fc.property(json, (inner) => {
        const one = steps(step('S', { Arguments: inner }));
        expect(diffPipelines(one, structuredClone(one))).toEqual([]);
      }),
    );
  });

  test('has the same places whichever way it is taken', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        const [one, other] = [steps(step('S', { X: { Y: a } })), steps(step('S', { X: { Y: b } }))];
        const [there, back] = [diffPipelines(one, other), diffPipelines(other, one)];
        const paths = (diff: typeof there) => diff.flatMap(({ changes }) => changes.map(({ path }) => path)).sort();
        expect(paths(there)).toEqual(paths(back));
      }),
    );
  });
});

describe('a value for people', () => {
  test.each([
    ['text', 'text'],
    [30, '30'],
    [{ Get: 'Parameters.ModelS3Path' }, '${Parameters.ModelS3Path}'],
    [
      { 'Std:Join': { On: '/', Values: ['s3://b', { Get: 'Parameters.X' }, 'config'] } },
      's3://b/${Parameters.X}/config',
    ],
    [['A', 'B'], '["A","B"]'],
    [{ b: 1, a: null }, '{"a":null,"b":1}'],
  ])('of %j is %s', (value, expected) => {
    expect(valueText(value)).toBe(expected);
  });
});
