import { describe, expect, test } from '@jest/globals';
import {
  list,
  policiesOf,
  policy,
  ROLES,
  type PolicyDocument,
  type PolicyName,
  type RoleName,
  type Statement,
} from './documents.ts';
import { decide, holds } from './evaluate.ts';
import { APPROVE, DEPLOY, PIPELINE_ROLE, PLAN, WITH_MORE, type Row } from './role-rows.ts';

describe.each<[RoleName, readonly Row[]]>([
  ['deploy', DEPLOY],
  ['approve', APPROVE],
  ['plan', PLAN],
  ['pipeline', PIPELINE_ROLE],
])('to the %s role', (name, rows) => {
  test.each(rows)('it is %s to %s', (decision, _what, request) => {
    expect(decide(policiesOf(name), request)).toBe(decision);
  });
});

test.each(WITH_MORE)('it is %s to %s for the %s role with %s', (decision, _what, name, more, request) => {
  expect(decide(policiesOf(name, [more]), request)).toBe(decision);
});

/** Every row again, as judgements of the policies that it is about. */
const JUDGED = [
  ...(
    [
      ['deploy', DEPLOY],
      ['approve', APPROVE],
      ['plan', PLAN],
      ['pipeline', PIPELINE_ROLE],
    ] as const
  ).flatMap(([role, rows]) => rows.map(([decision, , request]) => ({ names: ROLES[role].always, decision, request }))),
  ...WITH_MORE.map(([decision, , role, more, request]) => ({
    names: [...ROLES[role].always, more],
    decision,
    request,
  })),
];

/** The policies with one statement changed, or left out. */
function without(names: readonly PolicyName[], sid: string, how: 'statement' | 'condition'): readonly PolicyDocument[] {
  return names.map((name) => {
    const { Version, Statement } = policy(name);
    const kept = Statement.filter(({ Sid }) => how === 'condition' || Sid !== sid);
    const free = (statement: Statement): Statement => ({ ...statement, Condition: {} });
    return {
      Version,
      Statement: kept.map((statement) => (statement.Sid === sid && how === 'condition' ? free(statement) : statement)),
    };
  });
}

/** Held by two statements: where the condition goes, the denial beside it holds. */
const DOUBLE = ['RegisterAsPending', 'RejectWhatFailsItsTest', 'PassThePipelinesRoleToLoadTests'];
const NARROWING = [...new Set(JUDGED.flatMap(({ names }) => names))].flatMap((name) =>
  policy(name).Statement.flatMap(({ Sid, Effect, Condition }) => {
    const denial = Effect === 'Deny' ? [{ name, sid: Sid, how: 'statement' as const }] : [];
    const condition =
      Condition === undefined || DOUBLE.includes(Sid) ? [] : [{ name, sid: Sid, how: 'condition' as const }];
    return [...denial, ...condition];
  }),
);

test.each(NARROWING)('$name: without the $how of $sid one of these decisions is another', ({ name, sid, how }) => {
  const concerned = JUDGED.filter(({ names }) => (names as readonly PolicyName[]).includes(name));
  const changed = concerned.filter(
    ({ names, request, decision }) => decide(without(names, sid, how), request) !== decision,
  );
  expect(changed.length).toBeGreaterThan(0);
});

describe('the roles are assumed', () => {
  const subject = (text: string) => ({
    'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
    'token.actions.githubusercontent.com:sub': text,
  });
  const TRUSTED: readonly [boolean, RoleName, string][] = [
    [true, 'deploy', 'repo:org/models:ref:refs/tags/v1.3.0'],
    [false, 'deploy', 'repo:org/models:environment:production'],
    [false, 'deploy', 'repo:org/models:pull_request'],
    [false, 'deploy', 'repo:org/models:ref:refs/heads/main'],
    [false, 'deploy', 'repo:org/models-fork:ref:refs/tags/v1.3.0'],
    [true, 'plan', 'repo:org/models:pull_request'],
    [false, 'plan', 'repo:org/models:ref:refs/tags/v1.3.0'],
    [true, 'approve', 'repo:org/models:environment:production'],
    [false, 'approve', 'repo:org/models:environment:production-test'],
    [false, 'approve', 'repo:org/models:ref:refs/tags/v1.3.0'],
    [false, 'approve', 'repo:org/other:environment:production'],
    [false, 'approve', 'repo:org/models:pull_request'],
  ];
  const conditionsOf = (name: RoleName) => policy(ROLES[name].trust).Statement.map(({ Condition }) => Condition);

  test.each(TRUSTED)('%s: the %s role by %s', (trusted, name, text) => {
    expect(conditionsOf(name).map((block) => holds(block, subject(text)))).toEqual([trusted]);
  });

  test.each<RoleName>(['deploy', 'plan', 'approve'])('by no token for another audience: the %s role', (name) => {
    const tokens = list(TRUSTED.filter(([trusted, whose]) => trusted && whose === name).map(([, , text]) => text));
    expect(tokens.length).toBeGreaterThan(0);
    for (const text of tokens) {
      const context = { ...subject(text), 'token.actions.githubusercontent.com:aud': 'https://github.com/org' };
      expect(conditionsOf(name).map((block) => holds(block, context))).toEqual([false]);
    }
  });

  test.each([
    [true, '123456789012'],
    [false, '999999999999'],
  ])('%s: the pipeline role for resources of account %s', (trusted, account) => {
    expect(conditionsOf('pipeline').map((block) => holds(block, { 'aws:SourceAccount': account }))).toEqual([trusted]);
  });
});
