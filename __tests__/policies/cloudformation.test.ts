import { describe, expect, test } from '@jest/globals';
import {
  approvingPoliciesOf,
  policiesOf,
  policy,
  readText,
  ROLES,
  type PolicyDocument,
  type PolicyName,
  type RoleName,
} from './documents.ts';
import { decide, type Decision } from './evaluate.ts';
import { evaluateTemplate, type Template } from './template.ts';

const SOURCE = readText('docs/cloudformation.yml');
const made = (given: Readonly<Record<string, string>> = {}) =>
  evaluateTemplate(SOURCE, { Repository: 'org/models', ...given });
const LOGICAL: Readonly<Record<RoleName, string>> = {
  deploy: 'DeployRole',
  plan: 'PlanRole',
  approve: 'ApproveRole',
  pipeline: 'PipelineRole',
};

/** The inline policies that a role ends with: its own, and the ones that a parameter adds. */
function attached(template: Template, role: RoleName): readonly { name: string; document: PolicyDocument }[] {
  const own = template.Resources[LOGICAL[role]]?.Properties.Policies ?? [];
  const added = Object.values(template.Resources).filter(
    ({ Type, Properties }) => Type === 'AWS::IAM::RolePolicy' && Properties.RoleName === `!Ref ${LOGICAL[role]}`,
  );
  return [
    ...own.map(({ PolicyName, PolicyDocument }) => ({ name: PolicyName, document: PolicyDocument })),
    ...added.map(({ Properties }) => ({
      name: Properties.PolicyName ?? '',
      document: Properties.PolicyDocument as PolicyDocument,
    })),
  ];
}
const documents = (template: Template, role: RoleName) => attached(template, role).map(({ document }) => document);

describe('the CloudFormation template', () => {
  test.each<RoleName>(['deploy', 'plan', 'approve', 'pipeline'])(
    'gives the %s role the documented policies',
    (role) => {
      expect(documents(made(), role)).toEqual(policiesOf(role));
      expect(attached(made(), role).map(({ name }) => name)).toEqual(ROLES[role].always);
    },
  );

  test.each<RoleName>(['deploy', 'plan', 'approve', 'pipeline'])(
    'trusts for the %s role whom the docs trust',
    (role) => {
      const trust = made().Resources[LOGICAL[role]]?.Properties.AssumeRolePolicyDocument;
      expect(trust).toEqual(policy(ROLES[role].trust));
    },
  );

  const ADDED: readonly [parameter: string, RoleName, PolicyName][] = [
    ['AllowLoadTests', 'deploy', 'load-test'],
    ['AllowModelUpload', 'deploy', 'model-upload'],
    ['AllowLoadTests', 'pipeline', 'pipeline-load-test'],
    ['UseDefaultBuckets', 'pipeline', 'pipeline-default-buckets'],
  ];
  test.each(ADDED)('adds with %s to the %s role the policy %s', (parameter, role, name) => {
    expect(documents(made({ [parameter]: 'true' }), role)).toEqual(policiesOf(role, [name]));
  });

  test.each(['deploy', 'pipeline'] as const)('lets the %s role approve only with AllowApprovalOnDeploy', (role) => {
    expect(documents(made({ AllowApprovalOnDeploy: 'true' }), role)).toEqual(approvingPoliciesOf(role));
  });

  test('leaves the approving and the planning role as they are, whatever is allowed', () => {
    const open = made({
      AllowApprovalOnDeploy: 'true',
      AllowLoadTests: 'true',
      AllowModelUpload: 'true',
      UseDefaultBuckets: 'true',
    });
    for (const role of ['approve', 'plan'] as const) expect(documents(open, role)).toEqual(policiesOf(role));
  });

  const WRITERS: readonly [Decision, string, string][] = [
    ['not allowed', 'role/bsm-pipeline', 'MODS/bsm-team-x/package/0a/model.tar.gz'],
    ['denied', 'role/bsm-deploy', 'MODS/bsm-team-x/package/0a/model.tar.gz'],
    ['denied', 'role/administrator', 'MODS/bsm-team-x/package/0a/model.tar.gz'],
    ['not allowed', 'role/administrator', 'MODS/bsm-team-x/code/0a/inference.py'],
  ];
  test.each(WRITERS)('has a bucket policy by which it is %s in itself for %s to write %s', (decision, who, key) => {
    const document = made().Resources['BucketPolicy']?.Properties.PolicyDocument as PolicyDocument;
    const context = { 'aws:PrincipalArn': `arn:aws:iam::123456789012:${who}`, 'aws:SecureTransport': 'true' };
    // The bucket's own ARN is known to CloudFormation only.
    const request = { action: 's3:PutObject', resource: `\${Bucket.Arn}/${key}`, context };
    expect(decide([document], request)).toBe(decision);
  });

  test('makes roles in us-east-1 only, and a bucket and a key everywhere', () => {
    const elsewhere = made({ 'AWS::Region': 'eu-west-1', AllowLoadTests: 'true' });
    expect(Object.keys(elsewhere.Resources)).toEqual(['Key', 'KeyAlias', 'Bucket', 'BucketPolicy']);
  });

  // Inline policies of a role may have 10,240 characters together; white space does not count.
  test.each<RoleName>(['deploy', 'plan', 'approve', 'pipeline'])('stays within the limits of the %s role', (role) => {
    const all = made({ AllowLoadTests: 'true', AllowModelUpload: 'true', UseDefaultBuckets: 'true' });
    const sizes = documents(all, role).map((document) => JSON.stringify(document).length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(10_240);
  });
});

describe('the parameters of the template', () => {
  const { Parameters } = made();
  const takes = (name: string, value: string) => new RegExp(`^(?:${Parameters[name]?.AllowedPattern})$`).test(value);

  test('trust no repository by default', () => {
    expect(Parameters['Repository']).not.toHaveProperty('Default');
    expect(SOURCE).not.toMatch(/Default:.*repo:/);
  });

  const VALUES: readonly [boolean, string, string][] = [
    [true, 'Repository', 'org/models'],
    [true, 'Repository', 'org@123456/models@456789'],
    [false, 'Repository', ''],
    [false, 'Repository', 'org'],
    [false, 'Repository', 'org/*'],
    [false, 'Repository', '*/*'],
    [false, 'Repository', 'org/models:ref:refs/heads/main'],
    [false, 'Repository', 'org/models/more'],
    [true, 'DeploySubject', 'ref:refs/tags/*'],
    [true, 'DeploySubject', 'ref:refs/tags/v*'],
    [true, 'DeploySubject', 'ref:refs/heads/main'],
    [true, 'DeploySubject', 'environment:staging'],
    [false, 'DeploySubject', '*'],
    [false, 'DeploySubject', 'environment:*'],
    [false, 'DeploySubject', 'pull_request'],
    [true, 'NamePrefix', 'bsm-team'],
    [false, 'NamePrefix', 'BSM-team'],
    [false, 'NamePrefix', '*'],
    [false, 'NamePrefix', 'team-'],
  ];
  test.each(VALUES)('take (%s) as %s: %s', (taken, name, value) => {
    expect(takes(name, value)).toBe(taken);
  });

  test.each([
    ['ref:refs/tags/*', []],
    ['environment:staging', []],
    ['environment:production', ['DeployAndApproveAreApart']],
  ])('let no job deploy that may approve: %s', (DeploySubject, broken) => {
    expect(made({ DeploySubject }).broken).toEqual(broken);
  });
});
