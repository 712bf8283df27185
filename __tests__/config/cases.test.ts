import { describe, expect, test } from '@jest/globals';
import { resolvedValues } from '../../src/config/index.ts';
import { STEPS, type SectionName } from '../../src/config/sections.ts';
import { dataFile, read, readText, recordedCases, warnings } from './support.ts';

/** Where we differ from the old loader on purpose. */
const DELIBERATE = [
  {
    case: 'shared without framework',
    field: 'framework',
    ours: 'pytorch',
    reason: 'design section 3: the default framework is pytorch; the old loader came from an xgboost pipeline',
  },
] as const;

const cases = recordedCases();
const accepted = cases.filter(({ expected, resolved }) => expected !== 'reject' && resolved !== undefined);

describe('the files that the old loader read', () => {
  test('are all there', () => {
    expect(cases).toHaveLength(115);
  });

  test.each(cases.filter(({ expected }) => expected !== 'either'))('$expected: $name', ({ config, expected }) => {
    const result = read(config);
    expect({ verdict: result.ok ? 'accept' : 'reject', result }).toEqual({ verdict: expected, result });
  });

  test.each(accepted)('resolve to the same values: $name', ({ name, config, resolved = {} }) => {
    const result = read(config);
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    const ours = resolvedValues(result.config) as Record<SectionName, Record<string, unknown>>;
    const differences = DELIBERATE.filter((difference) => difference.case === name);
    for (const section of Object.keys(STEPS) as SectionName[]) {
      const theirs = resolved[STEPS[section].step] ?? {};
      // The old classes repeat inherited fields; ours stand once, in the section that owns them.
      const own = Object.fromEntries(
        Object.keys(theirs).map((field) => [field, { ...all(ours), ...ours[section] }[field]]),
      );
      const expected = {
        ...theirs,
        ...Object.fromEntries(differences.map(({ field, ours: value }) => [field, value])),
      };
      expect(own).toEqual(Object.fromEntries(Object.keys(theirs).map((field) => [field, expected[field]])));
    }
  });

  test('keep the order of variables', () => {
    const pairs = cases.find(({ name }) => name.includes('[["dialogue", "TEXT"], ["q", "NUMERIC'));
    const result = read(pairs?.config);
    expect(result.ok && resolvedValues(result.config)['registration']).toMatchObject({
      source_model_inference_input_variable_list: [
        ['dialogue', 'TEXT'],
        ['q', 'NUMERIC'],
      ],
    });
  });

  test('the example of the old builder raises nothing at all', () => {
    const result = readText(dataFile('example-merged.json'));
    expect([result.ok, warnings(result)]).toEqual([true, []]);
  });
});

function all(ours: Record<SectionName, Record<string, unknown>>): Record<string, unknown> {
  return Object.assign({}, ...Object.values(ours)) as Record<string, unknown>;
}
