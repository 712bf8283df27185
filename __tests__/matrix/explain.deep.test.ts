import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HOSTILE_LINES } from '../core/text/hostile.ts';
import type { ActionRun } from '../harness/run-action.ts';
import { runnerCommands } from '../harness/runner-commands.ts';
import { openWorld, type World } from './world.ts';

// A packager that prints the whole corpus, leaves a hostile sentence and fails.
const FAILING = `
root = os.environ.get('BSM_CONTAINER_ROOT', '')
for line in json.loads(${JSON.stringify(JSON.stringify(HOSTILE_LINES.slice(0, -1)))}):
    sys.stdout.buffer.write((line + '\\n').encode())
print('    indented: the cause')
os.makedirs(root + '/opt/ml/output', exist_ok=True)
with open(root + '/opt/ml/output/message', 'w') as message:
    message.write('model.tar.gz holds ::error::forged | <b>@octocat</b>')
sys.exit(1)
`;

const errorOf = (stdout: string) => runnerCommands(stdout).find(({ command }) => command === 'error')?.data ?? '';

describe('a packager that fails and tries to speak to the runner', () => {
  let world: World;
  let run: ActionRun;

  beforeAll(async () => {
    world = await openWorld({ packager: FAILING });
    run = await world.deploy();
  });
  afterAll(() => world.close());

  test('says nothing to the runner but what the action itself says', () => {
    const commands = runnerCommands(run.stdout);
    const folds = commands.filter(({ command }) => command === 'group').map(({ data }) => data.split(':')[0]);
    expect(folds).toEqual(['Preflight', 'Outputs']);
    const others = commands.filter(({ command }) => command !== 'group' && command !== 'endgroup');
    expect(others.map(({ command, properties }) => [command, properties['title']])).toEqual([
      ['error', 'execution-failed'],
    ]);
  });

  test('is explained by the sentence that the container left, with a link to its log', () => {
    const error = errorOf(run.stdout);
    expect(error).toMatch(/^PackagingStep failed( after \d+ attempts)?: model\.tar\.gz holds /);
    expect(error).toContain('https://us-east-1.console.aws.amazon.com/cloudwatch/home');
    expect(run.stdout).toContain('  |     indented: the cause');
    expect(run.stdout).toContain('Job          https://');
    expect(run.summary).toContain('        indented: the cause');
  });

  test('forges no output', () => {
    expect(run.outputs).toMatchObject({ status: 'failed', 'model-package-arns': '{}', 'model-package-arn': '' });
    expect(run.state).not.toHaveProperty('name');
  });

  test('leaves no HTML, mention or link of its own in the summary', () => {
    const outside = run.summary.replace(/^ {4}.*$/gm, '');
    expect(outside).not.toMatch(/<script|<b>|@octocat|evil\.example\)/);
    expect(outside).toContain('&#64;&#8203;octocat');
  });

  test('is explained all the same where the log cannot be read, which is said', async () => {
    world.aws.setFaults([{ service: 'logs', operation: '*', call: 'every', fault: 'access-denied' }]);
    const denied = await world.deploy();
    world.aws.setFaults([]);
    expect(denied.outputs['status']).toBe('failed');
    expect(denied.stdout).toContain('The container log could not be read');
    expect(errorOf(denied.stdout)).toContain('model.tar.gz holds');
  });
});

describe('a transient failure of a step', () => {
  test('is retried by the retry policy and shown as attempts', async () => {
    const world = await openWorld();
    try {
      world.aws.setFaults([{ service: 'steps', operation: 'CreateProcessingJob', call: 1, fault: 'throttling' }]);
      const run = await world.deploy();
      expect(run.outputs['status']).toBe('succeeded');
      expect(run.stdout).toContain('(attempt 2)');
      expect(run.summary).toMatch(/\| PackagingStep \| Succeeded \| [\d.]+ s \| 2 \|/);
    } finally {
      await world.close();
    }
  });
});
