import type { Check, CheckResult } from '../../preflight/check.ts';
import { markdownText } from '../markdown.ts';
import { folded, limitedTable, type View } from './view.ts';

const WORDS: Readonly<Record<CheckResult, string>> = {
  failed: '**failed**',
  warning: 'warning',
  suggestion: 'suggestion',
  passed: 'passed',
  'not-made': 'not made',
};

const COUNTED: readonly CheckResult[] = ['passed', 'suggestion', 'not-made'];

/** What was looked at before the start: what needs a reader openly, the rest folded. */
export function checksSection(view: View): string {
  const { checks } = view.result;
  if (checks === undefined || checks.length === 0) return '';
  const open = checks.filter(({ result }) => !COUNTED.includes(result));
  const rest = checks.filter(({ result }) => COUNTED.includes(result));
  const parts = [
    '### Preflight',
    open.length === 0 ? '' : checkTable(open, view),
    rest.length === 0 ? '' : folded(countText(rest), checkTable(rest, view)),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function checkTable(checks: readonly Check[], view: View): string {
  const rows = checks.map((check) => [markdownText(check.name), WORDS[check.result], finding(check)]);
  return limitedTable(view, ['Check', 'Result', 'Finding'], rows);
}

/** Found, cost and fix below each other: five columns would leave no room for sentences. */
function finding({ cost, fix, found }: Check): string {
  const lines = [found, cost === undefined ? '' : `Without this check: ${cost}.`, fix ?? ''];
  return lines
    .filter((line) => line !== '')
    .map((line) => markdownText(line))
    .join('<br>');
}

/** `12 passed, 1 suggestion, 2 not made` */
function countText(checks: readonly Check[]): string {
  return COUNTED.map((result) => ({ result, count: checks.filter((check) => check.result === result).length }))
    .filter(({ count }) => count > 0)
    .map(({ count, result }) => `${count} ${WORDS[result]}${result === 'suggestion' && count > 1 ? 's' : ''}`)
    .join(', ');
}
