import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { printable, printableLine, shorten } from '../../../src/core/text.ts';

describe('printable', () => {
  test.each([
    ['a workflow command', '::set-output name=x::y', ':\u200b:set-output name=x::y'],
    ['a command after blanks', ' \t::error::x', ' \t:\u200b:error::x'],
    ['a command on a later line', 'fine\n::error::x', 'fine\n:\u200b:error::x'],
    ['an old command anywhere', 'a ##[error]b', 'a ##\u200b[error]b'],
    ['a carriage return', 'a\r::error::x', 'a\\u000d::error::x'],
    ['a line separator', 'a\u2028::error::x', 'a\\u2028::error::x'],
    ['an escape sequence', '\u001b[31mred', '\\u001b[31mred'],
    ['a bidirectional override', 'a\u202eb', 'a\\u202eb'],
  ])('disarms %s', (_what, given, expected) => {
    expect(printable(given)).toBe(expected);
  });

  test('leaves ordinary text of any script alone', () => {
    const text = 'Größe 12 µs: 消息 a::b ## [x]\n\tindented';
    expect(printable(text)).toBe(text);
  });

  test('leaves no line that the runner could read as a command, whatever is given', () => {
    const hostile = fc.array(
      fc.constantFrom('::', '##[', ' ', '\r', '\n', '\u2028', '\u0085', 'error', '::x', ']', '\t'),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(hostile, (parts) => {
        for (const line of printable(parts.join('')).split(/\r\n|\r|\n/)) {
          expect(line.trimStart().startsWith('::')).toBe(false);
          expect(line.includes('##[')).toBe(false);
        }
      }),
    );
  });
});

describe('printableLine', () => {
  test('makes one line of many', () => {
    expect(printableLine('a\r\n  b\tc\n')).toBe('a b c');
  });

  test('never begins with a command', () => {
    expect(printableLine('\n ::error::x')).toBe(':\u200b:error::x');
  });
});

describe('shorten', () => {
  test.each([
    ['short', 5, 'short'],
    ['longer', 5, 'long…'],
    ['ab😀cd', 4, 'ab…'],
  ])('%j to %d characters is %j', (text, length, expected) => {
    expect(shorten(text, length)).toBe(expected);
  });
});
