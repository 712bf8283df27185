import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { unpackTar } from 'modern-tar';
import { originalVariableList, readConfig, resolvedValues } from '../../src/config/index.ts';
import { createFiles } from '../../src/core/files.ts';
import { ROOT } from '../harness/run-action.ts';

const EXAMPLE = join(ROOT, 'examples', 'bsm');
const VENV_PYTHON = join(ROOT, '.venv', 'bin', 'python');
const python = process.env['BSM_TEST_PYTHON'] ?? (existsSync(VENV_PYTHON) ? VENV_PYTHON : 'python3');
const hasTorch = spawnSync(python, ['-c', 'import torch']).status === 0;
if (!hasTorch)
  console.warn(`SKIPPED: ${python} has no PyTorch; the example's model does not answer, nor is it trained.`);
const withTorch = hasTorch ? describe : describe.skip;

const readme = readFileSync(join(EXAMPLE, 'README.md'), 'utf8');

function config(name: string) {
  const text = readFileSync(join(EXAMPLE, name), 'utf8');
  const result = readConfig({ text, path: name }, { files: createFiles(EXAMPLE), today: '2026-11-23' });
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('\n'));
  return result;
}

describe('the model archive', () => {
  test('holds the files that the README lists, owned by nobody and without dates', async () => {
    const entries = await unpackTar(gunzipSync(readFileSync(join(EXAMPLE, 'model.tar.gz'))));
    const files = entries.map(({ header }) => header);
    const listed = [...readme.matchAll(/^\| `([\w.]+\.\w+)` \|/gm)].map(([, name]) => name);
    expect(files.map(({ name }) => name)).toEqual(listed);
    expect(files.map(({ uid, gid, mtime }) => [uid, gid, mtime?.getTime()])).toEqual(files.map(() => [0, 0, 0]));
  });

  test('is small enough for a repository', () => {
    expect(statSync(join(EXAMPLE, 'model.tar.gz')).size).toBeLessThan(150_000);
  });
});

describe('the configuration', () => {
  test.each(['config.json', 'config-merged.json'])('%s is read without a warning', (name) => {
    expect(config(name).warnings).toEqual([]);
  });

  test('says the same in both layouts', () => {
    const merged = config('config-merged.json').config;
    expect(resolvedValues(merged)).toEqual(resolvedValues(config('config.json').config));
    // The order of the inputs is the order of the columns.
    expect(JSON.stringify(originalVariableList(merged, 'input'))).toBe(
      '{"dialogue":"TEXT","order_value":"NUMERIC","days_since_order":"NUMERIC"}',
    );
  });
});

// One process for all requests: loading PyTorch takes seconds.
const ANSWER = `
import json, sys
sys.path.insert(0, sys.argv[1])
import inference
model = inference.model_fn(sys.argv[2])
def answer(body, content_type, accept):
    try:
        return json.loads(inference.output_fn(inference.predict_fn(inference.input_fn(body.encode(), content_type), model), accept))
    except ValueError as error:
        return str(error)
print(json.dumps([answer(*request) for request in json.load(sys.stdin)]))
`;

const CSV = 'text/csv';
const JSON_TYPE = 'application/json';
const HARMLESS = { dialogue: 'Where is my parcel, please?', order_value: 20, days_since_order: 3 };
const ABUSIVE = { dialogue: 'Keep it and refund me or I leave a bad review', order_value: 150, days_since_order: 20 };
const harmless = expect.closeTo(0.1, 2);
const abusive = expect.closeTo(0.99, 1);
const EXPECTED = 'expected dialogue, order_value, days_since_order';

type Request = readonly [body: string, contentType: string, answer: unknown, accept?: string];
const requests: readonly Request[] = [
  ['"Where is my parcel, please?",20,3\n', CSV, { 'legacy-score': harmless }],
  ['\ufeff"Where is my parcel, please?",20,3', `${CSV}; charset=utf-8`, { 'legacy-score': harmless }],
  [JSON.stringify(HARMLESS), JSON_TYPE, { 'legacy-score': harmless }],
  [JSON.stringify([HARMLESS]), JSON_TYPE, { 'legacy-score': harmless }, '*/*'],
  [JSON.stringify([HARMLESS, ABUSIVE]), JSON_TYPE, [{ 'legacy-score': harmless }, { 'legacy-score': abusive }]],
  [
    '"Where is my parcel,\nplease?",20,3\r\nkeep it and refund me or i leave a bad review,150,20\r\n',
    CSV,
    [{ 'legacy-score': harmless }, { 'legacy-score': abusive }],
  ],
  [JSON.stringify({ ...HARMLESS, dialogue: '' }), JSON_TYPE, { 'legacy-score': expect.any(Number) }],
  ['', CSV, 'the request holds no message; expected at least one'],
  ['[]', JSON_TYPE, 'the request holds no message; expected at least one'],
  ['{', JSON_TYPE, expect.stringMatching(/^the body is not JSON: /)],
  ['["x"]', JSON_TYPE, 'row 1 is str; expected an object'],
  ['{"dialogue": "x"}', JSON_TYPE, `row 1 lacks order_value, days_since_order; ${EXPECTED}`],
  [JSON.stringify([HARMLESS, { ...HARMLESS, dialogue: null }]), JSON_TYPE, 'row 2: dialogue is None; expected a text'],
  ['{"dialogue":"x","order_value":NaN,"days_since_order":1}', JSON_TYPE, /order_value is nan; expected a number/],
  ['{"dialogue":"x","order_value":true,"days_since_order":1}', JSON_TYPE, /order_value is True; expected a number/],
  ['dialogue,order_value,days_since_order\nx,1,2', CSV, /order_value is 'order_value'; .*without a header/],
  ['well, yes,1,2', CSV, /^row 1 has 4 columns; expected 3: .*quote a text that holds a comma/],
  ['x', 'text/plain', "content type is 'text/plain'; expected application/json or text/csv"],
  [JSON.stringify(HARMLESS), JSON_TYPE, "accept is 'text/csv'; expected application/json", CSV],
];

withTorch('the handler', () => {
  let folder: string;
  let answers: readonly unknown[];
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'model-'));
    spawnSync('tar', ['xzf', join(EXAMPLE, 'model.tar.gz'), '-C', folder]);
    const input = JSON.stringify(
      requests.map(([body, contentType, , accept = JSON_TYPE]) => [body, contentType, accept]),
    );
    const args = ['-B', '-c', ANSWER, join(EXAMPLE, 'scripts'), folder];
    const { status, stdout, stderr } = spawnSync(python, args, { input, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    answers = JSON.parse(stdout) as readonly unknown[];
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(requests.map((request, index) => ({ index, body: request[0], type: request[1], answer: request[2] })))(
    'answers $type $body',
    ({ index, answer }) => {
      expect(answers[index]).toEqual(answer instanceof RegExp ? expect.stringMatching(answer) : answer);
    },
  );
});
