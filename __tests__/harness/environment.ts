import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

type Variables = Record<string, string>;

/** What `${{ github.token }}`, the default of an input, evaluates to. */
const GITHUB_TOKEN = 'ghs_token';

/** The variables of a release event on a hosted runner, and nothing of the machine's own but the way to its programs. */
export function runnerEnvironment(temp: string, workspace: string): Variables {
  const folder = (name: string) => {
    const path = join(temp, name);
    mkdirSync(path, { recursive: true });
    return path;
  };
  const event = join(temp, 'event.json');
  writeFileSync(event, JSON.stringify({ action: 'published', release: { tag_name: 'v1.3.0' } }));
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: folder('home'),
    CI: 'true',
    RUNNER_TEMP: folder('runner'),
    RUNNER_TOOL_CACHE: folder('tools'),
    RUNNER_OS: process.platform === 'darwin' ? 'macOS' : 'Linux',
    RUNNER_ARCH: process.arch === 'arm64' ? 'ARM64' : 'X64',
    RUNNER_ENVIRONMENT: 'github-hosted',
    RUNNER_NAME: 'GitHub Actions 1',
    ...GITHUB_CONTEXT,
    GITHUB_WORKSPACE: workspace,
    GITHUB_EVENT_PATH: event,
    // Only here: without it the SDK would look for the credentials of an instance, which no test wants to wait for.
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

const GITHUB_CONTEXT: Variables = {
  GITHUB_ACTIONS: 'true',
  GITHUB_ACTION: '__org_bsm-pytorch-deploy',
  GITHUB_ACTION_REF: 'v1',
  GITHUB_ACTION_REPOSITORY: 'org/bsm-pytorch-deploy',
  GITHUB_ACTOR: 'octocat',
  GITHUB_API_URL: 'https://api.github.com',
  GITHUB_BASE_REF: '',
  GITHUB_EVENT_NAME: 'release',
  GITHUB_GRAPHQL_URL: 'https://api.github.com/graphql',
  GITHUB_HEAD_REF: '',
  GITHUB_JOB: 'deploy',
  GITHUB_REF: 'refs/tags/v1.3.0',
  GITHUB_REF_NAME: 'v1.3.0',
  GITHUB_REF_PROTECTED: 'false',
  GITHUB_REF_TYPE: 'tag',
  GITHUB_REPOSITORY: 'org/models',
  GITHUB_REPOSITORY_OWNER: 'org',
  GITHUB_RUN_ATTEMPT: '1',
  GITHUB_RUN_ID: '4711',
  GITHUB_RUN_NUMBER: '12',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_SHA: '1234567890abcdef1234567890abcdef12345678',
  GITHUB_TRIGGERING_ACTOR: 'octocat',
  GITHUB_WORKFLOW: 'Release model',
};

/**
 * `INPUT_*` as the runner names them: upper case, blanks to underscores, hyphens kept. Every input of action.yml that is
 * not given has its default. Throws for an input that action.yml does not have: a test that misspells one tests nothing.
 */
export function inputVariables(given: Readonly<Variables>, actionPath: string): Variables {
  const { inputs } = parse(readFileSync(actionPath, 'utf8')) as { inputs: Record<string, { default?: string }> };
  const unknown = Object.keys(given).filter((name) => !(name in inputs));
  if (unknown.length > 0) throw new Error(`${actionPath} has no input ${unknown.join(', ')}`);
  const values = Object.entries(inputs).map(([name, input]) => {
    const usual = String(input.default ?? '').replaceAll('${{ github.token }}', GITHUB_TOKEN);
    return [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, given[name] ?? usual] as const;
  });
  return Object.fromEntries(values);
}
