import { describe, expect, jest, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { answersOf, type Answers, disagreements } from '../../conformance/answers.ts';
import { PROBES } from '../../conformance/probes/index.ts';
import { ask, embeddedAws, optionsFor } from '../conformance/support.ts';
import { ROOT } from '../harness/run-action.ts';

jest.setTimeout(300_000);

const PATH = join(ROOT, 'conformance', 'recorded', 'answers.json');

/** What a real account answered; empty until one has been asked. */
const recorded = existsSync(PATH) ? (JSON.parse(readFileSync(PATH, 'utf8')) as Answers) : {};

/** What an image holds is not the embedded AWS's to know. */
const comparable = PROBES.filter(({ aboutImage }) => aboutImage !== true).map(({ id }) => id);

describe('the embedded AWS against the answers of a real account', () => {
  const aws = embeddedAws();
  const answered = async (only: readonly string[]): Promise<Answers> => {
    const options = optionsFor({ only, allowed: ['jobs', 'regional-bucket', 'kms-key', 'load-test'] });
    return answersOf((await ask(aws().url, options)).results, options);
  };

  test('says the same as every recorded answer', async () => {
    const asked = comparable.filter((id) => id in recorded);
    const wanted = Object.fromEntries(asked.map((id) => [id, recorded[id] ?? {}]));
    expect(disagreements(wanted, asked.length === 0 ? {} : await answered(asked))).toEqual([]);
  });

  test('is found out where it says something else', async () => {
    const only = ['metadata-merge', 'step-without-cache-hit', 'recommendation-traffic'];
    const found = await answered(only);
    const real: Answers = {
      ...found,
      'metadata-merge': { ...found['metadata-merge'], metadata: 'added=2 changed=2', said: 'in other words' },
      'recommendation-traffic': { ...found['recommendation-traffic'], '4 a minute': 'accepted' },
    };
    expect(disagreements(real, found)).toEqual([
      {
        probe: 'metadata-merge',
        member: 'metadata',
        recorded: 'added=2 changed=2',
        found: 'added=2 changed=2 kept=1',
      },
      {
        probe: 'recommendation-traffic',
        member: '4 a minute',
        recorded: 'accepted',
        found: 'ValidationException',
      },
    ]);
  });
});
