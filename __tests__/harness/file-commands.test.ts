import { describe, expect, test } from '@jest/globals';
import { parseFileCommands } from './file-commands.ts';

describe('a file of outputs', () => {
  test.each([
    ['name=value\n', { name: 'value' }],
    ['name=\n', { name: '' }],
    ['name=a=b<<c\n', { name: 'a=b<<c' }],
    ['name<<EOF\none\n\ntwo\nEOF\n', { name: 'one\n\ntwo' }],
    ['name<<EOF\nEOF\n', { name: '' }],
    ['name<<E=F\nx=y\nE=F', { name: 'x=y' }],
    ['name<<EOF\nEOF \n EOF\nEOF', { name: 'EOF \n EOF' }],
    ['name<<EOF\ncr\r\nlf\nEOF\n', { name: 'cr\r\nlf' }],
    ['\n\na=1\n\nb=2\n', { a: '1', b: '2' }],
    ['a=1\na=2\n', { a: '2' }],
    ['a<b=1\n', { 'a<b': '1' }],
    ['', {}],
  ])('%j holds what the runner reads', (text, values) => {
    expect(parseFileCommands(text)).toEqual(values);
  });

  test.each([
    ['just text\n', "Invalid format 'just text'"],
    ['<<EOF\nx\nEOF\n', 'Name must not be empty'],
    ['name<<\nx\n', 'delimiter must not be empty'],
    ['name<<EOF\nx\n', "Matching delimiter not found 'EOF'"],
    ['name<<EOF\nx\nEOF\r\n', "Matching delimiter not found 'EOF'"],
  ])('%j fails the step', (text, message) => {
    expect(() => parseFileCommands(text)).toThrow(message);
  });
});
