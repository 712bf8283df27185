import { describe, expect, test } from '@jest/globals';
import { parse, type ScalarTag } from 'yaml';
import { policy, readText, type PolicyName } from './documents.ts';

/** What the parameters have by default, and the account of the examples. */
const VALUES: Readonly<Record<string, string>> = {
  BucketPrefix: 'bsm-models',
  PipelineRoleName: 'bsm-pipeline',
  'AWS::AccountId': '123456789012',
};
const SUBJECTS = ['repo:org/models:environment:production', 'repo:org/models:ref:refs/tags/*'];

const scalar = (tag: string, resolve: (text: string) => unknown): ScalarTag => ({
  tag,
  resolve: (text) => resolve(text),
});
const customTags = [
  scalar('!Sub', (text) => text.replace(/\$\{([^}]+)\}/g, (whole, name: string) => VALUES[name] ?? whole)),
  scalar('!Ref', (name) => (name === 'AllowedSubjects' ? SUBJECTS : name)),
  scalar('!GetAtt', (name) => name),
  scalar('!Condition', (name) => name),
  ...['!If', '!Equals', '!And'].map((tag) => ({ tag, collection: 'seq' as const })),
];

interface Template {
  readonly Parameters: Readonly<Record<string, { readonly Default: string }>>;
  readonly Resources: {
    readonly WorkflowRole: { readonly Properties: Role };
    readonly PipelineRole: { readonly Properties: Role };
  };
}
interface Role {
  readonly AssumeRolePolicyDocument: unknown;
  readonly Policies: readonly { readonly PolicyName: string; readonly PolicyDocument: unknown }[];
}

const template = parse(readText('docs/cloudformation.yml'), { customTags }) as Template;
const { WorkflowRole, PipelineRole } = template.Resources;
const documents = (role: Role) => [
  role.AssumeRolePolicyDocument,
  ...role.Policies.map((entry) => entry.PolicyDocument),
];
const files = (...names: readonly PolicyName[]) => names.map((name) => policy(name));

describe('the CloudFormation template', () => {
  test('gives the workflow the documented policies', () => {
    expect(documents(WorkflowRole.Properties)).toEqual(files('workflow-trust', 'workflow-deploy', 'workflow-kms'));
  });

  test('gives the pipeline the documented policies', () => {
    expect(documents(PipelineRole.Properties)).toEqual(files('pipeline-trust', 'pipeline', 'pipeline-kms'));
  });

  test('lets in by default whom the documented trust policy lets in', () => {
    expect(template.Parameters['AllowedSubjects']?.Default.split(',')).toEqual(SUBJECTS);
  });
});
