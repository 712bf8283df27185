import type { Runner, Tone } from '../core/runner.ts';
import type { Check, CheckResult } from '../preflight/check.ts';

const TONES: Readonly<Record<CheckResult, Tone | undefined>> = {
  passed: undefined,
  suggestion: undefined,
  warning: 'changed',
  failed: 'bad',
  'not-made': 'quiet',
};

/** Every check in the log, a line or a few each. What to do about a warning stands in its annotation, not here, too. */
export function reportChecks(checks: readonly Check[], runner: Pick<Runner, 'info' | 'annotate'>): void {
  for (const check of checks) {
    const { fix, found, name, result } = check;
    runner.info(`${label(result).padEnd(12)} ${name.padEnd(16)} ${found}`, TONES[result]);
    if (result === 'passed') continue;
    const rest = [costSentence(check), fix].filter((sentence) => sentence !== undefined);
    if (result === 'warning') {
      runner.annotate('warning', { title: `Preflight: ${name}`, message: [found, ...rest].join(' ') });
    } else {
      for (const sentence of rest) runner.info(`${indent}${sentence}`, TONES[result]);
    }
  }
}

function costSentence({ cost }: Check): string | undefined {
  return cost === undefined ? undefined : `Without this check: ${cost}.`;
}

const indent = ' '.repeat(30);

function label(result: CheckResult): string {
  return result === 'not-made' ? 'not made' : result;
}
