import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createComments } from '../../src/github/comments.ts';
import { commentMarker } from '../../src/report/comment.ts';
import { type FakeGitHub, startGitHub } from '../fakes/github.ts';

const EVENT = { action: 'synchronize', pull_request: { number: 7 } };
const MARKER = commentMarker('team-BSM-RnR-NA', 'deploy/config.json');
const SOMEBODY = { login: 'mallory', type: 'User' } as const;

let gitHub: FakeGitHub;
beforeEach(async () => {
  gitHub = await startGitHub();
});
afterEach(() => gitHub.close());

/** GitHub's library reads the event when it is loaded: every run loads it anew. */
function commentsFor(environment: Readonly<Record<string, string>>) {
  jest.resetModules();
  for (const name of Object.keys(process.env)) if (name.startsWith('GITHUB_')) delete process.env[name];
  Object.assign(process.env, environment);
  return createComments();
}

const keep = (body: string, token = 'ghs_token', event: object = EVENT) =>
  commentsFor(gitHub.environment(event)).keep(MARKER, `${MARKER}\n${body}`, token);

describe('the comment of a plan', () => {
  test('is made once, edited in place, and left alone where it says the same', async () => {
    expect(await keep('one')).toBe('created');
    expect(await keep('two')).toBe('updated');
    expect(await keep('two')).toBe('unchanged');
    expect(gitHub.comments.map(({ body }) => body)).toEqual([`${MARKER}\ntwo`]);
  });

  test('is found behind hundreds of others', async () => {
    for (let index = 0; index < 230; index += 1) gitHub.add(`comment ${index}`, SOMEBODY);
    await keep('one');
    for (let index = 0; index < 230; index += 1) gitHub.add(`later ${index}`, SOMEBODY);
    expect(await keep('two')).toBe('updated');
    expect(gitHub.comments.length).toBe(461);
  });

  test('is another one for another pipeline or configuration', async () => {
    const comments = commentsFor(gitHub.environment(EVENT));
    for (const [pipeline, config] of [
      ['a', 'x'],
      ['a', 'y'],
      ['b', 'x'],
      ['a', 'x'],
    ] as const) {
      const marker = commentMarker(pipeline, config);
      await comments.keep(marker, `${marker}\n${pipeline}${config}`, 'ghs_token');
    }
    expect(gitHub.comments.length).toBe(3);
  });

  test("is never somebody else's who wrote the marker", async () => {
    gitHub.add(`${MARKER}\nmine`, SOMEBODY);
    expect(await keep('one')).toBe('created');
    expect(await keep('two')).toBe('updated');
    expect(await keep('three', 'ghp_person')).toBe('created');
    const texts = gitHub.comments.map(({ user, body }) => [user.login, body.slice(MARKER.length + 1)]);
    expect(texts).toEqual([
      ['mallory', 'mine'],
      ['github-actions[bot]', 'two'],
      ['octocat', 'three'],
    ]);
  });

  test("is a person's own with that person's token", async () => {
    gitHub.add(`${MARKER}\nmine`, SOMEBODY);
    expect(await keep('one', 'ghp_person')).toBe('created');
    expect(await keep('two', 'ghp_person')).toBe('updated');
    expect(gitHub.comments.map(({ user }) => user.login)).toEqual(['mallory', 'octocat']);
  });

  test('belongs to the pull request that a comment was made on, too', async () => {
    expect(await keep('one', 'ghs_token', { issue: { number: 7, pull_request: {} } })).toBe('created');
  });

  test.each([
    [
      'a token that can only read',
      'ghs_readonly',
      EVENT,
      /may not write comments: give the job `permissions: pull-requests: write`/,
    ],
    ['a token that is no token', 'ghs_wrong', EVENT, /Bad credentials \(401\)/],
    ['a push', 'ghs_token', { ref: 'refs/heads/main' }, /the event pull_request belongs to no pull request/],
    ['an issue', 'ghs_token', { issue: { number: 7 } }, /belongs to no pull request/],
    ['another pull request that is not there', 'ghs_token', { pull_request: { number: 8 } }, /Not Found \(404\)/],
  ])('cannot be made with %s, and says why', async (_what, token, event, message) => {
    await expect(keep('one', token, event)).rejects.toThrow(message);
    expect(gitHub.comments).toEqual([]);
  });

  test('cannot be made without a token or an event', async () => {
    await expect(commentsFor(gitHub.environment(EVENT)).keep(MARKER, MARKER, undefined)).rejects.toThrow(
      'No comment: the input github-token is empty.',
    );
    await expect(commentsFor({}).keep(MARKER, MARKER, 'ghs_token')).rejects.toThrow('belongs to no pull request');
  });
});

describe('the marker', () => {
  test.each(['a-->b', '--><script>', 'a--b', 'x\ny', 'é'])('holds %j without ending', (name) => {
    const marker = commentMarker(name, name);
    expect(marker).toMatch(/^<!-- [^\n<>]* -->$/);
    expect(marker.slice(4, -3)).not.toContain('--');
  });
});
