/** What the Python of this machine says of a script, without running it. */
import { expect, test } from '@jest/globals';
import { pythonSyntaxError } from '../../src/inspect/sources.ts';

test.each([
  ['nothing', ''],
  ['a handler', 'def model_fn(model_dir):\n    return None\n'],
  ['what would end a process that runs it', 'raise SystemExit(3)\n'],
  ['what says that it is in an encoding of its own', '# -*- coding: cp932 -*-\n\u0083 = 1\n'],
  ['letters of any language', "NAME = 'Größe'\n"],
])('%s can be read', async (_, text) => {
  expect(await pythonSyntaxError(text)).toBeUndefined();
});

test.each([
  ['a bracket that is never closed', 'import os\nx = (1,\n', 2],
  ['an indentation that is none', 'def f():\nreturn 1\n', 2],
  ['a character that is none of Python’s', 'x = 1 ? 2\n', 1],
])('%s is told by its line', async (_, text, line) => {
  expect(await pythonSyntaxError(text)).toEqual({
    line,
    message: expect.stringMatching(/\S/),
    version: expect.stringMatching(/^3\.\d+$/),
  });
});

test('a machine without Python says nothing', async () => {
  const path = process.env['PATH'];
  process.env['PATH'] = '/nowhere';
  try {
    expect(await pythonSyntaxError('x = (')).toBeUndefined();
  } finally {
    process.env['PATH'] = path;
  }
});
