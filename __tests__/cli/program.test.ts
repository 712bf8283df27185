import { describe, expect, test } from '@jest/globals';
import { type CommandLine, readCommandLine } from '../../src/cli/program.ts';

const REQUIRED = ['--config-path', 'c.json', '--model-s3-path', 's3://bucket/model.tar.gz'];
const read = (args: readonly string[]): CommandLine => readCommandLine(args, '1.2.3');

/** What a run would be asked for: the values by name. */
function inputs(line: CommandLine, ...names: readonly string[]) {
  if (line.kind !== 'run') return line;
  return Object.fromEntries(names.map((name) => [name, line.input(name)]));
}

describe('the command line', () => {
  test.each([
    [[], 2, 'Usage: bsm-pytorch-deploy plan|rehearse|deploy'],
    [['--help'], 0, 'Usage: bsm-pytorch-deploy plan|rehearse|deploy'],
    [['-h'], 0, 'Usage: bsm-pytorch-deploy plan|rehearse|deploy'],
    [['help'], 0, 'Usage: bsm-pytorch-deploy plan|rehearse|deploy'],
    [['help', 'plan'], 0, 'Usage: bsm-pytorch-deploy plan --config-path'],
    [['deploy', '--help'], 0, 'Usage: bsm-pytorch-deploy deploy --config-path'],
    [['approve', '--help'], 0, 'Usage: bsm-pytorch-deploy approve --model-packages <list> [flags]'],
    [['--version'], 0, '1.2.3\n'],
    [['-v'], 0, '1.2.3\n'],
  ] as const)('%j asks for help or version', (args, exitCode, text) => {
    expect(read(args)).toEqual({ kind: 'text', exitCode, text: expect.stringContaining(text) });
  });

  test.each(['plan', 'rehearse', 'deploy'] as const)('the command %s is the mode', (command) => {
    expect(inputs(read([command, ...REQUIRED]), 'mode', 'config-path', 'model-s3-path', 'regions', 'wait')).toEqual({
      mode: command,
      'config-path': 'c.json',
      'model-s3-path': 's3://bucket/model.tar.gz',
      regions: '',
      wait: '',
    });
  });

  test('approves packages, without model and configuration', () => {
    const line = read(['approve', '--model-packages', 'arn:a', '--model-packages', 'arn:b', '--reject-newer', 'true']);
    expect(inputs(line, 'mode', 'model-packages', 'reject-newer', 'config-path')).toEqual({
      mode: 'approve',
      'model-packages': 'arn:a\narn:b',
      'reject-newer': 'true',
      'config-path': '',
    });
  });

  test.each([
    [['--regions=NA,EU'], 'regions', 'NA,EU'],
    [['--regions', 'NA', '--regions', 'EU'], 'regions', 'NA\nEU'],
    [['--parameters', 'A=1', '--parameters=B=2 3'], 'parameters', 'A=1\nB=2 3'],
    [['--tags', 'team=bsm', '--tags', 'kind=beta'], 'tags', 'team=bsm\nkind=beta'],
    [['--no-wait'], 'wait', 'false'],
    [['--wait=false'], 'wait', 'false'],
    [['--wait', 'false'], 'wait', 'false'],
    [['--log-tail-lines=-1'], 'log-tail-lines', '-1'],
    [['--execution-document', '{"PIPELINE_STEP_CONFIGS": {}}'], 'execution-document', '{"PIPELINE_STEP_CONFIGS": {}}'],
    [['--working-directory', '  model  '], 'working-directory', 'model'],
  ])('%j is the input %s: %j', (args, name, value) => {
    expect(inputs(read(['deploy', ...REQUIRED, ...args]), name)).toEqual({ [name]: value });
  });

  test('knows its own flags', () => {
    const line = read(['plan', ...REQUIRED, '--json', '--verbose', '--output-folder', 'out', '--upload', 'm.tar.gz']);
    const own = { json: true, verbose: true, outputFolder: 'out', upload: 'm.tar.gz' };
    expect(line).toMatchObject({ kind: 'run', command: 'plan', ...own });
  });
});

describe('what is wrong is said, with what would be right', () => {
  test.each([
    [['plan'], 'plan needs --config-path and --model-s3-path'],
    [['plan', '--config-path', 'c'], 'plan needs --model-s3-path'],
    [['approve'], 'approve needs --model-packages'],
    [['approve', '--model-packages', 'arn', '--regions', 'NA'], "unknown option '--regions'"],
    [['plan', ...REQUIRED, '--model-packages', 'arn'], "unknown option '--model-packages'"],
    [['deplyo', ...REQUIRED], "unknown command 'deplyo' (Did you mean deploy?)"],
    [['plan', ...REQUIRED, '--reigons', 'NA'], "unknown option '--reigons' (Did you mean --regions?)"],
    [['plan', ...REQUIRED, '--confg', 'x'], "unknown option '--confg' (Did you mean --config-path?)"],
    [['approve', '--config-path', 'x'], "'--config-path': approve has none; it is a flag of plan, rehearse, deploy"],
    [['--confg', 'x'], "unknown option '--confg'; the first word is one of plan, rehearse, deploy, approve"],
    [['help', 'plann'], "unknown command 'plann'; expected one of plan, rehearse, deploy, approve"],
    [['plan', ...REQUIRED, '--jsno'], "unknown option '--jsno' (Did you mean --json?)"],
    [['rehearse', ...REQUIRED, '--upload', 'm.tar.gz'], "unknown option '--upload'"],
    [['plan', ...REQUIRED, 'NA', 'EU'], /^too many arguments for 'plan'.*give every value to a flag, in quotes/],
    [['plan', ...REQUIRED, '--regions'], "option '--regions <list>' argument missing"],
    [
      ['plan', '--config-path', '--model-s3-path', 's3://bucket/model.tar.gz'],
      /argument '--model-s3-path' is invalid\. If that is its value, write --config-path=--model-s3-path$/,
    ],
    [['plan', ...REQUIRED, '--config-path', 'd.json'], /option '--config-path <file>' .* It is given twice$/],
    [['plan', ...REQUIRED, '--mode', 'deploy'], /no flag: it is the first word: plan, rehearse, deploy or approve$/],
    [['deploy', ...REQUIRED, '--role-to-assume', 'arn'], /it needs GitHub's OIDC/],
    [['plan', ...REQUIRED, '--comment=true'], /written by the action in a workflow/],
  ])('%j', (args, problem) => {
    const matching = typeof problem === 'string' ? expect.stringContaining(problem) : expect.stringMatching(problem);
    expect(read(args)).toMatchObject({ kind: 'wrong', problems: [matching] });
  });
});
