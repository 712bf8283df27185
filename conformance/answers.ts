import { anonymizer } from './anonymize.ts';
import type { Options } from './options.ts';
import type { Answer, Json } from './outcome.ts';
import { sameJson } from './probe.ts';
import type { Result } from './run.ts';

/** `answers.json`: what was answered, by probe, ready to be given to everybody. */

export type Answers = { readonly [probe: string]: Answer };

export function answersOf(results: readonly Result[], options: Options): Answers {
  const anonymize = anonymizerFor(options);
  const asked = results.flatMap((result) => (result.state === 'asked' ? [result] : []));
  return Object.fromEntries(asked.map(({ probe, answer }) => [probe.id, anonymize(answer)]));
}

export function anonymizerFor({ run, bucket, role, regional, kmsKey, sessionRole }: Options) {
  return anonymizer({
    [run]: 'run',
    [bucket]: 'bucket',
    [regional?.bucket ?? '']: 'regional bucket',
    [role.split('/').at(-1) ?? '']: 'role',
    [sessionRole?.split('/').at(-1) ?? '']: 'session role',
    [kmsKey?.split('/').at(-1) ?? '']: 'key',
  });
}

export interface Disagreement {
  readonly probe: string;
  readonly member: string;
  readonly recorded: Json;
  readonly found: Json;
}

/**
 * Where two runs answered differently. `said` is left out (words change), and so is what one of the two does not have:
 * it has nothing to be wrong about.
 */
export function disagreements(recorded: Answers, found: Answers): readonly Disagreement[] {
  return Object.entries(recorded).flatMap(([probe, answer]) => {
    const other = found[probe];
    if (other === undefined || answer['notOffered'] === true || other['notOffered'] === true) return [];
    return Object.entries(answer)
      .filter(([member, value]) => member !== 'said' && !sameJson(value, other[member] ?? null))
      .map(([member, value]) => ({ probe, member, recorded: value, found: other[member] ?? null }));
  });
}
