import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openWorld, testPython } from '../e2e/world.ts';
import { ROOT } from '../harness/run-action.ts';
import { actionsOf, POLICIES, policyText, readText } from './documents.ts';
import { IAM_ACTIONS, JUSTIFIED_EXTRAS } from './operations.ts';

/** Operations of a run, `service:Operation`, by the role that asked: jobs ask with boto3, the action with JavaScript. */
const seen = { workflow: new Set<string>(), pipeline: new Set<string>(), plan: new Set<string>() };
const hasBoto3 = spawnSync(testPython(), ['-c', 'import boto3']).status === 0;
if (!hasBoto3) console.warn('SKIPPED: boto3 is not installed, so no registration job is seen.');
const exitCodes: number[] = [];

beforeAll(async () => {
  const world = await openWorld();
  world.configure((config) => Object.assign(config['package'] ?? {}, { verify: false }));
  try {
    const regions = hasBoto3 ? 'NA, EU' : 'NA';
    exitCodes.push((await world.deploy({ mode: 'plan', regions: 'NA, EU' })).exitCode ?? -1);
    for (const { service, operation } of world.aws.requests()) seen.plan.add(`${service}:${operation}`);
    const planned = world.aws.requests().length;
    for (const inputs of [{ regions }, { regions, 'approval-status': 'Approved' }]) {
      exitCodes.push((await world.deploy(inputs)).exitCode ?? -1);
    }
    const before = world.aws.requests().length;
    exitCodes.push((await world.deploy({ mode: 'plan', regions })).exitCode ?? -1);
    for (const { service, operation } of world.aws.requests().slice(before)) seen.plan.add(`${service}:${operation}`);
    for (const { service, operation, userAgent } of world.aws.requests().slice(planned)) {
      seen[/boto3/i.test(userAgent) ? 'pipeline' : 'workflow'].add(`${service}:${operation}`);
    }
  } finally {
    await world.close();
  }
});
afterAll(() => {
  seen.workflow.clear();
  seen.pipeline.clear();
  seen.plan.clear();
});

const needed = (operations: Iterable<string>) =>
  [...new Set([...operations].flatMap((name) => IAM_ACTIONS[name] ?? [`no mapping for ${name}`]))].sort();
const beyond = (actions: readonly string[], allowed: readonly string[]) =>
  actions.filter((action) => !allowed.includes(action));

/** Every SDK command in the action's code, whether a run got to it or not. */
function written(): readonly string[] {
  const folder = join(ROOT, 'src/aws/sdk');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const text = files.map((name) => readText(join('src/aws/sdk', name))).join('\n');
  const found = [...text.matchAll(/\b([A-Z]\w+)Command\b|\bpaginate([A-Z]\w+)\b/g)];
  const names = new Set(found.map(([, command, paginated]) => command ?? paginated ?? ''));
  return Object.keys(IAM_ACTIONS)
    .filter((key) => names.has(key.slice(key.indexOf(':') + 1)))
    .concat([...names].filter((name) => !Object.keys(IAM_ACTIONS).some((key) => key.endsWith(`:${name}`))));
}

describe('the documented policies', () => {
  test('are of runs that succeeded', () => {
    expect(exitCodes).toEqual([0, 0, 0, 0]);
    expect(seen.workflow.size).toBeGreaterThan(5);
  });

  test('allow the workflow what a deployment asked for', () => {
    expect(beyond(needed(seen.workflow), actionsOf('workflow-deploy'))).toEqual([]);
  });

  test('allow the workflow every call that the code can make', () => {
    expect(beyond(needed(written()), actionsOf('workflow-deploy'))).toEqual([]);
  });

  test('allow the workflow nothing else', () => {
    const allowed = [...needed([...seen.workflow, ...written()]), ...Object.keys(JUSTIFIED_EXTRAS.workflow)];
    expect(beyond(actionsOf('workflow-deploy'), allowed)).toEqual([]);
  });

  test('allow a plan less than a deployment, and nothing that changes something', () => {
    expect(beyond(actionsOf('workflow-plan'), actionsOf('workflow-deploy'))).toEqual([]);
    expect(actionsOf('workflow-plan').filter((action) => !/:(Get|List|Describe)/.test(action))).toEqual([]);
  });

  test('allow a plan what it asked for, and nothing that it never asks for', () => {
    expect(beyond(needed(seen.plan), actionsOf('workflow-plan'))).toEqual([]);
    const allowed = [...needed(seen.plan), ...Object.keys(JUSTIFIED_EXTRAS.plan)];
    expect(beyond(actionsOf('workflow-plan'), allowed)).toEqual([]);
  });

  test('allow the pipeline what its registration jobs asked for', () => {
    expect(seen.pipeline.size > 0).toBe(hasBoto3);
    expect(beyond(needed(seen.pipeline), actionsOf('pipeline'))).toEqual([]);
  });

  test('allow the pipeline nothing without a reason', () => {
    const calls = [...readText('container/register_model.py').matchAll(/registry\.([a-z_]+)\(/g)];
    const names = calls.map(
      ([, name = '']) => `sagemaker:${name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())}`,
    );
    const copies = [
      's3:HeadBucket',
      's3:HeadObject',
      's3:GetObject',
      's3:PutObject',
      's3:CopyObject',
      's3:CreateBucket',
    ];
    const allowed = [...needed([...names, ...copies]), ...Object.keys(JUSTIFIED_EXTRAS.pipeline)];
    expect(beyond(needed(names), actionsOf('pipeline'))).toEqual([]);
    expect(beyond(actionsOf('pipeline'), allowed)).toEqual([]);
  });

  test('have no justified extra that they do not hold', () => {
    expect(beyond(Object.keys(JUSTIFIED_EXTRAS.pipeline), actionsOf('pipeline'))).toEqual([]);
  });

  test.each(POLICIES)('%s stands in docs/permissions.md as in its file', (name) => {
    const page = readText('docs/permissions.md');
    const [from, to] = [`<!-- policy:${name}:start -->`, `<!-- policy:${name}:end -->`];
    const shown = page.slice(page.indexOf(from) + from.length, page.indexOf(to));
    expect(shown).toBe(`\n\`\`\`json\n${policyText(name).trimEnd()}\n\`\`\`\n`);
  });
});
