import { describe, expect, test } from '@jest/globals';
import { parse, type Parsed } from '../../src/cli/parse.ts';

const REQUIRED = ['--config-path', 'c.json', '--model-s3-path', 's3://bucket/model.tar.gz'];

/** What a run would be asked for: the values by name. */
function asked(parsed: Parsed, ...names: readonly string[]) {
  if (parsed.kind !== 'ordered') return parsed;
  return Object.fromEntries(names.map((name) => [name, parsed.input(name)]));
}

function problemsOf(args: readonly string[]): unknown {
  const parsed = parse(args);
  return parsed.kind === 'wrong' ? parsed.problems : parsed;
}

describe('the command line', () => {
  test.each([
    [[], { kind: 'nothing' }],
    [['--help'], { kind: 'help', command: undefined }],
    [['-h'], { kind: 'help', command: undefined }],
    [['help'], { kind: 'help', command: undefined }],
    [['help', 'plan'], { kind: 'help', command: 'plan' }],
    [['deploy', '--help'], { kind: 'help', command: 'deploy' }],
    [['--help', 'rehearse', '--nonsense'], { kind: 'help', command: 'rehearse' }],
    [['--version'], { kind: 'version' }],
    [['-v'], { kind: 'version' }],
  ])('%j asks for help or version', (args, expected) => {
    expect(parse(args)).toEqual(expected);
  });

  test.each(['plan', 'rehearse', 'deploy'] as const)('the command %s is the mode', (command) => {
    expect(asked(parse([command, ...REQUIRED]), 'mode', 'config-path', 'model-s3-path', 'regions')).toEqual({
      mode: command,
      'config-path': 'c.json',
      'model-s3-path': 's3://bucket/model.tar.gz',
      regions: '',
    });
  });

  test.each([
    [['--regions=NA,EU'], 'regions', 'NA,EU'],
    [['--regions', 'NA', '--regions', 'EU'], 'regions', 'NA\nEU'],
    [['--parameters', 'A=1', '--parameters=B=2 3'], 'parameters', 'A=1\nB=2 3'],
    [['--tags', 'team=bsm', '--tags', 'stage=beta'], 'tags', 'team=bsm\nstage=beta'],
    [['--no-wait'], 'wait', 'false'],
    [['--wait=false'], 'wait', 'false'],
    [['--wait', 'false'], 'wait', 'false'],
    [['--log-tail-lines=-1'], 'log-tail-lines', '-1'],
    [['--execution-document', '{"PIPELINE_STEP_CONFIGS": {}}'], 'execution-document', '{"PIPELINE_STEP_CONFIGS": {}}'],
    [['--working-directory', '  model  '], 'working-directory', 'model'],
  ])('%j is the input %s: %j', (args, name, value) => {
    expect(asked(parse(['deploy', ...REQUIRED, ...args]), name)).toEqual({ [name]: value });
  });

  test('may name the command after the flags, and knows its own flags', () => {
    const parsed = parse([...REQUIRED, '--json', '--verbose', '--output-folder', 'out', 'plan']);
    expect(parsed).toMatchObject({ kind: 'ordered', command: 'plan', json: true, verbose: true, outputFolder: 'out' });
  });
});

describe('what is wrong is told, all of it', () => {
  test.each([
    [['plan'], ['plan needs --config-path and --model-s3-path']],
    [['plan', '--config-path', 'c'], ['plan needs --model-s3-path']],
    [[...REQUIRED], ['no command; the first word is plan, rehearse, deploy, approve']],
    [['deplyo', ...REQUIRED], ['there is no command "deplyo"; did you mean deploy?']],
    [['plan', ...REQUIRED, '--reigons', 'NA'], ['there is no flag --reigons; the nearest is --regions']],
    [['plan', ...REQUIRED, '--jsno'], ['there is no flag --jsno; the nearest is --json']],
    [['plan', ...REQUIRED, 'NA', 'EU'], [expect.stringMatching(/^"NA", "EU" belongs to no flag/)]],
    [['plan', ...REQUIRED, '--regions'], ['--regions needs a value']],
    [
      ['plan', '--config-path', '--model-s3-path', 's3://bucket/model.tar.gz'],
      [
        '"s3://bucket/model.tar.gz" belongs to no flag; give every value to a flag, with quotes around one that holds blanks',
        '--config-path is followed by --model-s3-path; if that is its value, write --config-path=--model-s3-path',
        'plan needs --config-path and --model-s3-path',
      ],
    ],
    [['plan', ...REQUIRED, '--config-path', 'd.json'], ['--config-path is given twice']],
    [['deploy', ...REQUIRED, '--no-wait', '--wait=true'], ['--wait is given twice']],
    [['deploy', ...REQUIRED, '--json=yes'], ['--json takes no value; found "yes"']],
    [
      ['plan', ...REQUIRED, '--mode', 'deploy'],
      ['--mode is an input of the action, but no flag: it is the first word: plan, rehearse, deploy or approve'],
    ],
    [['deploy', ...REQUIRED, '--role-to-assume', 'arn'], [expect.stringContaining("it needs GitHub's OIDC")]],
    [['plan', ...REQUIRED, '--comment=true'], [expect.stringContaining('written by the action in a workflow')]],
  ])('%j', (args, problems) => {
    expect(problemsOf(args)).toEqual(problems);
  });
});
