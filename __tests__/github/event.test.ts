import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { pullRequestHead } from '../../src/github/event.ts';

function headOf(event: string): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'event-'));
  try {
    writeFileSync(join(folder, 'event.json'), event);
    return pullRequestHead({ GITHUB_EVENT_PATH: join(folder, 'event.json') });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the newest commit of a pull request', () => {
  test.each([
    ['of its own event', { pull_request: { number: 7, head: { sha: 'f00' } } }, 'f00'],
    ['of a release', { release: { tag_name: 'v1' } }, undefined],
    ['of an event without one', { pull_request: { head: {} } }, undefined],
  ])('%s', (_name, event, expected) => {
    expect(headOf(JSON.stringify(event))).toBe(expected);
  });

  test.each(['', 'no JSON', '[]'])('is not known where the event is %j', (event) => {
    expect(headOf(event)).toBeUndefined();
  });

  test('is not known outside of a workflow', () => {
    expect(pullRequestHead({})).toBeUndefined();
  });
});
