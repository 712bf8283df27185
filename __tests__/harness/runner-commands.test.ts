import { describe, expect, test } from '@jest/globals';
import { runnerCommands } from './runner-commands.ts';

const plain = (command: string, data: string) => [{ command, properties: {}, data }];

describe('a line speaks to the runner', () => {
  test.each([
    ['::error::broken', plain('error', 'broken')],
    ['  \t\u00a0\u0085::group::after blanks', plain('group', 'after blanks')],
    ['::ERROR::in any case', plain('ERROR', 'in any case')],
    ['::endgroup::', plain('endgroup', '')],
    ['::add-mask::a::b', plain('add-mask', 'a::b')],
    ['::debug::50%25 of %250A%0Anext', plain('debug', '50% of %0A\nnext')],
    ['::debug::%3A and %2C stay in data', plain('debug', '%3A and %2C stay in data')],
    [
      '::error file=a%2Cb.py,line=3,,title=x%3Ay=z,empty=::m',
      [{ command: 'error', properties: { file: 'a,b.py', line: '3', title: 'x:y=z' }, data: 'm' }],
    ],
    ['text ##[error]anywhere', plain('error', 'anywhere')],
    ['###[group]three', plain('group', 'three')],
    [
      '##[set-output name=a%5D%3Bb;other=1;]%5D%0A',
      [{ command: 'set-output', properties: { name: 'a];b', other: '1' }, data: ']\n' }],
    ],
    ['::unknown::x ##[warning]then the old form', plain('warning', 'then the old form')],
  ])('%j', (line, expected) => {
    expect(runnerCommands(line)).toEqual(expected);
  });

  test.each(['\n', '\r', '\r\n'])('after a line end %j', (end) => {
    expect(runnerCommands(`harmless${end}::notice::x`)).toEqual(plain('notice', 'x'));
  });
});

describe('a line is plain output', () => {
  test.each([
    'x ::error::not at the start',
    ':::error::three colons',
    '\ufeff::error::a byte order mark is no blank',
    '\u200b::error::nor is a zero width space',
    'harmless\u2028::error::no line end',
    '::error no end',
    '::nonsense::x',
    ':: error::x',
    '##[nonsense]x',
    '##[error no end',
    '##[nonsense] ##[error]only the first is looked at',
    '',
  ])('%j', (line) => {
    expect(runnerCommands(line)).toEqual([]);
  });
});

test('after stop-commands nothing is a command until its token comes', () => {
  const output = '::stop-commands::T1\n::error::unheard\n##[add-mask]x\n::t1::\n::warning::heard';
  expect(runnerCommands(output)).toEqual([...plain('stop-commands', 'T1'), ...plain('warning', 'heard')]);
});

test('on demand, what looks like a command counts whatever it is called', () => {
  expect(runnerCommands('::nonsense::x\n##[]y\nplain', { anyName: true })).toEqual([
    ...plain('nonsense', 'x'),
    ...plain('', 'y'),
  ]);
});
