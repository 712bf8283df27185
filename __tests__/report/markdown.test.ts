import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { markdownBlock, markdownCode, markdownLink, markdownTable, markdownText } from '../../src/report/markdown.ts';

describe('markdownText', () => {
  test.each([
    ['a table border', 'a|b', 'a&#124;b'],
    ['HTML', '<img src=x>', '&#60;img src=x&#62;'],
    ['a mention', '@octocat', '&#64;&#8203;octocat'],
    ['a reference', 'see #12', 'see &#35;&#8203;12'],
    ['a reference by letters', 'see GH-12, gh-12 and XGH-12', 'see GH-&#8203;12, gh-&#8203;12 and XGH-12'],
    ['a link', '[x](http://evil)', '&#91;x&#93;(http&#58;//evil)'],
    ['a bare address', 'see https://evil or WWW.evil', 'see https&#58;//evil or WWW&#46;evil'],
    ['emphasis', '**x** _y_ `z`', '&#42;&#42;x&#42;&#42; &#95;y&#95; &#96;z&#96;'],
    ['a line break', 'a\nb', 'a b'],
    ['mathematics', '$x$', '&#36;x&#36;'],
  ])('shows %s as text', (_what, given, expected) => {
    expect(markdownText(given)).toBe(expected);
  });

  test('leaves nothing that Markdown or HTML could take up', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(markdownText(text).replace(/&#\d+;/g, '')).not.toMatch(/[&<>|`*_~[\]\\#@$\n\r]/);
      }),
    );
  });
});

describe('the other forms', () => {
  test('code cannot be closed from within', () => {
    expect(markdownCode('</code>`')).toBe('<code>&#60;/code&#62;&#96;</code>');
  });

  test('code mentions nobody, and can be copied as it is', () => {
    expect(markdownCode('s3://b/@a#1')).toBe('<code>s3://b/&#64;a&#35;1</code>');
  });

  test('a link keeps its address in brackets', () => {
    expect(markdownLink('a]', 'https://x/(y) z')).toBe('[a&#93;](https://x/%28y%29%20z)');
    expect(markdownLink('a', 'https://x/?a=1&lt;2\\')).toBe('[a](https://x/?a=1&amp;lt;2%5C)');
  });

  test('a table has one line a row', () => {
    expect(markdownTable(['A', 'B'], [['1', '2']])).toBe('| A | B |\n| --- | --- |\n| 1 | 2 |');
  });

  test('a block stays a block whatever its lines hold', () => {
    expect(markdownBlock(['</details>', '```', '::error::x', '  at\nx\r\ny'])).toBe(
      '    </details>\n    ```\n    :\u200b:error::x\n      at x y',
    );
  });
});
