import { describe, expect, test } from '@jest/globals';
import { lastLines, shellWord, wordsFor, wrapText } from '../../../src/core/text.ts';

describe('a line that is wider than the terminal', () => {
  test.each([
    ['short enough', 'short enough'],
    ['a sentence that goes on and on and on', 'a sentence that goes\n  on and on and on'],
    ['passed  disk  30 GB are enough', 'passed  disk  30 GB\n  are enough'],
    ['ok  a sentence that goes on', 'ok  a sentence that\n    goes on'],
    ['      a fix that stands below its check', '      a fix that\n      stands below\n      its check'],
    ['see arn:aws:sagemaker:us-east-1:123456789012 there', 'see arn:aws:sagemaker:us-east-1:123456789012\n  there'],
    ['  | a line of a container that goes on', '  | a line of a container that goes on'],
    ['\u001b[31ma sentence of\u001b[0m', '\u001b[31ma sentence of\u001b[0m'],
    ['one line\nand a second one that goes on', 'one line\nand a second one\n  that goes on'],
  ])('%j', (text, expected) => {
    expect(wrapText(text, 20)).toBe(expected);
  });
});

test.each([
  ['scripts/a.py', 'scripts/a.py'],
  ['my model', "'my model'"],
  ["it's", "'it'\\''s'"],
  ['-x', './-x'],
])('%j as a word of a command is %s', (path, word) => {
  expect(shellWord(path)).toBe(word);
});

test('one line is no lines', () => {
  expect([lastLines(1), lastLines(3)]).toEqual(['Last line', 'Last 3 lines']);
});

describe('a sentence that differs by place', () => {
  const text = 'Look: in a workflow, do this (so: there); in a terminal, do that in ~/.local. Then go on.';
  test.each([
    ['workflow', 'Look: do this (so: there). Then go on.'],
    ['terminal', 'Look: do that in ~/.local. Then go on.'],
  ] as const)('in a %s', (place, expected) => {
    expect(wordsFor(place, text)).toBe(expected);
  });

  test('begins with a capital where it began with one', () => {
    expect(wordsFor('terminal', 'In a workflow, do this; in a terminal, do that.')).toBe('Do that.');
  });
});
