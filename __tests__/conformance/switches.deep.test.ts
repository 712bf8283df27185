import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { PROBES } from '../../conformance/probes/index.ts';
import { ask, embeddedAws, findings, optionsFor } from './support.ts';
import { openSwitchboard, type Switchboard } from './switchboard.ts';
import { EVERYTHING, SWITCHES } from './switches.ts';

jest.setTimeout(300_000);

describe('a probe asks something: another answer turns it red', () => {
  const aws = embeddedAws();
  let board: Switchboard | undefined;
  afterEach(async () => {
    await board?.close();
    board = undefined;
  });

  test.each(PROBES.map(({ id }) => id))('%s', async (id) => {
    board = await openSwitchboard(aws().url, SWITCHES[id] ?? []);
    const ending = await ask(board.url, optionsFor({ only: [id], allowed: EVERYTHING }));
    expect({
      findings: findings(ending),
      reasons: ending.results.flatMap((r) => (r.state === 'failed' ? r.reason : [])),
    }).toEqual({
      findings: { contradicted: [id] },
      reasons: [],
    });
    expect(board.used()).toBeGreaterThan(0);
  });
});
