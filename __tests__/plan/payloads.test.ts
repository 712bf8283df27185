import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { payloadTemplates, payloadTimestamp, samplePayloads } from '../../src/plan/payloads.ts';
import { exampleConfig } from './fixture.ts';

function payloadsOf(inputs: Readonly<Record<string, string>>, payload: Readonly<Record<string, unknown>> = {}) {
  const registration = { source_model_inference_input_variable_list: inputs };
  const config = exampleConfig({ registration, payload: { special_field_values: null, ...payload } });
  return Object.fromEntries(samplePayloads(config, '2026-11-23 04:26:54').map(({ name, text }) => [name, text]));
}

/** RFC 4180, one record: the reader that the payloads are written for. */
function readCsv(text: string): readonly string[] {
  const cells = [...`,${text}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^,]*))/g)];
  return cells.map(([, quoted, plain]) => (quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"')));
}

describe('samplePayloads', () => {
  test('writes one file per content type, inputs in their order, numbers as numbers', () => {
    expect(payloadsOf({ dialogue: 'TEXT', order_value: 'NUMERIC' })).toEqual({
      'payload_text_csv_0.csv': 'DEFAULT_TEXT,0.0',
      'payload_application_json_0.json': '{"dialogue": "DEFAULT_TEXT", "order_value": 0}',
    });
  });

  test('expands {timestamp}, and double braces to braces, in special values', () => {
    const special = { special_field_values: { dialogue: '{{at}} {timestamp}, "{timestamp}"' } };
    expect(payloadsOf({ dialogue: 'TEXT', n: 'NUMERIC' }, special)).toEqual({
      'payload_text_csv_0.csv': '"{at} 2026-11-23 04:26:54, ""2026-11-23 04:26:54""",0.0',
      'payload_application_json_0.json': '{"dialogue": "{at} 2026-11-23 04:26:54, \\"2026-11-23 04:26:54\\"", "n": 0}',
    });
  });

  test.each([
    [0, '0.0', '0'],
    [1, '1.0', '1'],
    [0.25, '0.25', '0.25'],
    [-3.5, '-3.5', '-3.5'],
  ])('writes the number %d as %s in CSV and %s in JSON', (number, csv, json) => {
    expect(payloadsOf({ n: 'NUMERIC' }, { default_numeric_value: number })).toEqual({
      'payload_text_csv_0.csv': csv,
      'payload_application_json_0.json': `{"n": ${json}}`,
    });
  });

  test('keeps the order of names that look like numbers', () => {
    expect(payloadsOf({ b: 'TEXT', a: 'TEXT' })['payload_application_json_0.json']).toBe(
      '{"b": "DEFAULT_TEXT", "a": "DEFAULT_TEXT"}',
    );
    const pairs = [
      ['10', 'NUMERIC'],
      ['9', 'NUMERIC'],
    ] as unknown as Record<string, string>;
    expect(payloadsOf(pairs)['payload_application_json_0.json']).toBe('{"10": 0, "9": 0}');
  });

  test('writes any text so that a reader gets the very same back', () => {
    const text = fc
      .oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.stringMatching(/^[ ,"\r\n\t]*$/))
      .filter((value) => value.isWellFormed());
    fc.assert(
      fc.property(text, (value) => {
        const written = payloadsOf({ a: 'TEXT', b: 'TEXT' }, { default_text_value: value });
        expect(JSON.parse(written['payload_application_json_0.json'] ?? '')).toEqual({ a: value, b: value });
        expect(readCsv(written['payload_text_csv_0.csv'] ?? '')).toEqual([value, value]);
      }),
    );
  });

  test('writes 5,000 variables', () => {
    const inputs = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`v${index}`, 'NUMERIC']));
    const written = payloadsOf(inputs);
    expect(readCsv(written['payload_text_csv_0.csv'] ?? '')).toHaveLength(5000);
    expect(Object.keys(JSON.parse(written['payload_application_json_0.json'] ?? '{}') as object)).toHaveLength(5000);
  });
});

describe('payloadTemplates', () => {
  test('are the same at any time', () => {
    expect(payloadTemplates(exampleConfig())[0]?.text).toBe('Where is my parcel? {timestamp},0.0');
  });
});

describe('payloadTimestamp', () => {
  test('is UTC to the second', () => {
    expect(payloadTimestamp(Date.UTC(2026, 10, 23, 4, 26, 54, 987))).toBe('2026-11-23 04:26:54');
  });
});
