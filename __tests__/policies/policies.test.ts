import { describe, expect, test } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../harness/run-action.ts';
import { list, POLICIES, policy, readText, type PolicyName } from './documents.ts';
import { evaluateTemplate } from './template.ts';

const TRUST = /-trust$/;
const IDENTITY_POLICIES = POLICIES.filter((name) => !TRUST.test(name));

/** docs/conformance.md has it: whoever asks a real account what the action assumes is none of the four roles. */
const OF_CONFORMANCE = 'conformance';

test('the folder of the policies holds those of the four roles, that of a conformance run, and no others', () => {
  const files = readdirSync(join(ROOT, 'docs/policies')).map((name) => name.replace('.json', ''));
  expect(files.sort()).toEqual([...POLICIES, OF_CONFORMANCE].sort());
});

test('the policy of a conformance run is linked from its page', () => {
  expect(readText('docs/conformance.md')).toContain(`(policies/${OF_CONFORMANCE}.json)`);
});

describe.each(POLICIES)('the policy %s', (name) => {
  test('is linked from docs/permissions.md, which says what each of its statements is for', () => {
    const page = readText('docs/permissions.md');
    expect(page).toContain(`(policies/${name}.json)`);
    const start = page.indexOf(`### [${name}.json]`);
    const section = start < 0 ? page : page.slice(start, page.indexOf('\n##', start + 1));
    expect(policy(name).Statement.filter(({ Sid }) => !section.includes(`\`${Sid}\``))).toEqual([]);
  });

  test('has what IAM asks of a statement, under names of its own', () => {
    const { Version, Statement } = policy(name);
    expect(Version).toBe('2012-10-17');
    expect(new Set(Statement.map(({ Sid }) => Sid)).size).toBe(Statement.length);
    for (const statement of Statement) {
      expect(statement.Sid).toMatch(/^[A-Za-z0-9]+$/);
      expect(['Allow', 'Deny']).toContain(statement.Effect);
      expect(statement.Principal === undefined).toBe(!TRUST.test(name));
      expect(statement.Resource === undefined).toBe(TRUST.test(name));
      for (const action of list(statement.Action)) expect(action).toMatch(/^[a-z0-9]+:[A-Z][A-Za-z]+$/);
      for (const resource of list(statement.Resource))
        expect(resource).toMatch(/^(\*|arn:aws:[a-z0-9]+:[^:]*:[^:]*:.+)$/);
    }
  });

  // A managed policy may have 6,144 characters and a trust policy 2,048; white space does not count.
  test('is short enough to be attached', () => {
    expect(JSON.stringify(policy(name)).length).toBeLessThan(TRUST.test(name) ? 2048 : 6144);
  });
});

/** Actions for which AWS knows no resource, or whose resources have no names before they are made. */
const ON_EVERYTHING: Readonly<Partial<Record<PolicyName, readonly string[]>>> = {
  'load-test': ['sagemaker:ListInferenceRecommendationsJobSteps', 'sagemaker:ListInferenceRecommendationsJobs'],
  pipeline: ['cloudwatch:PutMetricData', 'ecr:GetAuthorizationToken'],
  'pipeline-load-test': ['cloudwatch:GetMetricData', 'cloudwatch:GetMetricStatistics'],
  'pipeline-vpc': [
    'ec2:CreateNetworkInterface',
    'ec2:CreateNetworkInterfacePermission',
    'ec2:DeleteNetworkInterface',
    'ec2:DeleteNetworkInterfacePermission',
    'ec2:DescribeDhcpOptions',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSecurityGroups',
    'ec2:DescribeSubnets',
    'ec2:DescribeVpcs',
  ],
};

test('docs/permissions.md explains no statement that is not there', () => {
  const page = readText('docs/permissions.md');
  const rows = page.split('\n').filter((line) => /^\| `[A-Z][A-Za-z]+`[^|]*\|/.test(line));
  const explained = rows
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([A-Za-z]+)`/g)])
    .map(([, sid]) => sid);
  const known = new Set([...POLICIES.flatMap((name) => policy(name).Statement.map(({ Sid }) => Sid)), ...parameters()]);
  expect(explained.length).toBeGreaterThan(30);
  expect(explained.filter((sid) => !known.has(sid ?? ''))).toEqual([]);
});

/** The page has a table of the template's parameters too. */
function parameters(): readonly string[] {
  return Object.keys(evaluateTemplate(readText('docs/cloudformation.yml'), {}).Parameters);
}

test('docs/permissions.md names every parameter of the template', () => {
  const page = readText('docs/permissions.md');
  expect(parameters().filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

test.each(IDENTITY_POLICIES)('%s names what it allows, wherever AWS allows names', (name) => {
  const open = policy(name).Statement.filter(
    ({ Effect, Resource }) => Effect === 'Allow' && list(Resource).includes('*'),
  );
  expect(open.flatMap(({ Action }) => list(Action)).sort()).toEqual(ON_EVERYTHING[name] ?? []);
});

test.each(IDENTITY_POLICIES.filter((name) => name !== 'pipeline-load-test'))(
  '%s reaches no pipeline, group, package, bucket or role that is only a star',
  (name) => {
    const allowed = policy(name).Statement.filter(({ Effect }) => Effect === 'Allow');
    const resources = allowed.flatMap(({ Resource }) => list(Resource));
    const bare =
      /:(?:pipeline|model-package|model-package-group|model|processing-job|role)\/\*|:::[^/]*\*|:::[^/]+\/\*$/;
    expect(resources.filter((resource) => bare.test(resource))).toEqual([]);
  },
);
