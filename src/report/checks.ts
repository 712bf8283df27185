import type { Check, CheckResult } from '../preflight/check.ts';
import type { Runner, Tone } from '../runner.ts';

const TONES: Readonly<Record<CheckResult, Tone | undefined>> = {
  passed: undefined,
  suggestion: 'good',
  warning: 'changed',
  failed: 'bad',
  'not-made': 'quiet',
};

/** Every check in the log, a line or a few each; warnings as annotations, too. Failed ones are told by the error. */
export function reportChecks(checks: readonly Check[], runner: Runner): void {
  for (const check of checks) {
    const { cost, fix, found, name, result } = check;
    runner.info(`${label(result).padEnd(12)} ${name.padEnd(16)} ${found}`, TONES[result]);
    if (cost !== undefined) runner.info(`${indent}Without this check: ${cost}.`, TONES[result]);
    if (fix !== undefined && result !== 'passed') runner.info(`${indent}${fix}`, TONES[result]);
    if (result === 'warning') {
      runner.annotate('warning', { title: `Preflight: ${name}`, message: [found, fix].filter(Boolean).join(' ') });
    }
  }
}

const indent = ' '.repeat(30);

function label(result: CheckResult): string {
  return result === 'not-made' ? 'not made' : result;
}
