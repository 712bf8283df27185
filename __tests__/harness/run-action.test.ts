import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runAction, type ActionOptions } from './run-action.ts';
import { sendSignals } from './step.ts';

const ACTION = `
inputs:
  plain-name: { default: 'usual' }
  two words: { default: '' }
  token: { default: '\${{ github.token }}' }
runs: { using: node24, main: action.cjs, post: action.cjs }
`;

let workspace: string;
beforeAll(() => {
  workspace = realpathSync(mkdtempSync(join(tmpdir(), 'fixture-')));
  writeFileSync(join(workspace, 'action.yml'), ACTION);
});
afterAll(() => rmSync(workspace, { recursive: true }));

/** Runs `script` as main and post of an action with the inputs above; `append(file, text)` writes a file command. */
function run(script: string, options: Partial<ActionOptions> = {}) {
  const entry = join(workspace, `${expect.getState().currentTestName?.replace(/\W+/g, '-')}.cjs`);
  const append = "const append = (name, text) => require('node:fs').appendFileSync(process.env[name], text + '\\n');";
  writeFileSync(entry, `${append}\n${script}`);
  return runAction({ inputs: {}, workspace, entry, actionPath: join(workspace, 'action.yml'), ...options });
}

/** What the fixture printed as JSON. */
const printed = (stdout: string) => JSON.parse(stdout) as unknown;

describe('the main step', () => {
  test('gets every input of action.yml: given, usual, or empty', async () => {
    const script = 'console.log(JSON.stringify(Object.entries(process.env).filter(([name]) => /^INPUT_/.test(name))))';
    const { stdout } = await run(script, { inputs: { 'two words': ' kept ' }, post: false });
    expect(printed(stdout)).toEqual([
      ['INPUT_PLAIN-NAME', 'usual'],
      ['INPUT_TWO_WORDS', ' kept '],
      ['INPUT_TOKEN', 'ghs_token'],
    ]);
  });

  test('has nothing of the environment of whoever starts it', async () => {
    process.env['BSM_SECRET_OF_THE_MACHINE'] = 'x';
    const { stdout } = await run('console.log(JSON.stringify(Object.keys(process.env)))', { env: { EXTRA: '1' } });
    delete process.env['BSM_SECRET_OF_THE_MACHINE'];
    const names = printed(stdout.split('\n')[0] ?? '') as string[];
    const expected = /^(PATH|HOME|CI|EXTRA|AWS_EC2_METADATA_DISABLED|(GITHUB|RUNNER|INPUT)_.+)$/;
    // macOS adds this one to every process.
    expect(names.filter((name) => !expected.test(name) && name !== '__CF_USER_TEXT_ENCODING')).toEqual([]);
    expect(names).toEqual(expect.arrayContaining(['GITHUB_ACTIONS', 'RUNNER_TOOL_CACHE', 'GITHUB_EVENT_PATH']));
  });

  test('runs in the workspace, and ends as it ends', async () => {
    const { exitCode, signal, stdout, stderr } = await run(
      'console.log(process.cwd()); console.error(1); process.exitCode = 3',
    );
    expect({ exitCode, signal, stdout, stderr }).toEqual({
      exitCode: 3,
      signal: null,
      stdout: `${workspace}\n`,
      stderr: '1\n',
    });
  });

  test('is read line by line, with times', async () => {
    // The last line is written 100 ms after we have seen the first one, however late that was.
    const seen = join(workspace, 'seen');
    const script = `
      console.log('a\\n');
      const look = setInterval(() => {
        if (!require('node:fs').existsSync(${JSON.stringify(seen)})) return;
        clearInterval(look);
        setTimeout(() => process.stdout.write('end'), 100);
      }, 5);`;
    const { lines, durationMs } = await run(script, { onOutput: () => writeFileSync(seen, ''), post: false });
    expect(lines.map(({ text }) => text)).toEqual(['a', '', 'end']);
    const [first = 0, , last = 0] = lines.map(({ atMs }) => atMs);
    expect(last - first).toBeGreaterThan(90);
    expect(durationMs).toBeGreaterThanOrEqual(last);
  });

  test('may not be given an input that action.yml does not have', async () => {
    await expect(run('', { inputs: { 'plain-nam': 'x' } })).rejects.toThrow('has no input plain-nam');
  });
});

describe('the post step', () => {
  const SCRIPT = `
    const saved = process.env['STATE_the-arn'];
    if (saved !== undefined) console.log('post ' + JSON.stringify(saved) + process.env['INPUT_PLAIN-NAME']);
    append('GITHUB_OUTPUT', 'who=' + (saved === undefined ? 'main' : 'post'));
    append('GITHUB_STEP_SUMMARY', saved === undefined ? '# main' : '# post');
    if (saved === undefined) append('GITHUB_STATE', 'the-arn<<EOF\\none\\ntwo\\nEOF');
    else process.exitCode = 1;
  `;

  test('gets the state and the inputs of main, and has files of its own', async () => {
    const { exitCode, outputs, state, summary, post } = await run(SCRIPT);
    expect({ exitCode, outputs, state, summary }).toEqual({
      exitCode: 0,
      outputs: { who: 'main' },
      state: { 'the-arn': 'one\ntwo' },
      summary: '# main\n',
    });
    expect(post).toMatchObject({ exitCode: 1, stdout: 'post "one\\ntwo"usual\n' });
  });

  test('is left out on demand', async () => {
    expect((await run(SCRIPT, { post: false })).post).toBeUndefined();
  });
});

describe('a cancelled step', () => {
  const STUBBORN = `
    if (process.env.STATE_main === '1') return;
    append('GITHUB_STATE', 'main=1');
    for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => console.log(name));
    setInterval(() => undefined, 1000);
    console.log('ready');
  `;

  test('gets the signals in order, and post runs after the kill', async () => {
    const run1 = await run(STUBBORN, {
      signals: {
        when: (output) => output.includes('ready'),
        send: [
          { signal: 'SIGINT', afterMs: 0 },
          { signal: 'SIGTERM', afterMs: 100 },
          { signal: 'SIGKILL', afterMs: 2_000 },
        ],
      },
    });
    expect([run1.exitCode, run1.signal, run1.stdout]).toEqual([null, 'SIGKILL', 'ready\nSIGINT\nSIGTERM\n']);
    expect(run1.post).toMatchObject({ exitCode: 0, signal: null, stdout: '' });
  });

  test('may end by itself at the first one, as GitHub sends them by default', async () => {
    const { exitCode, signal } = await run(
      "process.on('SIGINT', () => process.exit(7)); setInterval(() => undefined, 1000); console.log('ready')",
      { signals: { when: (output) => output.includes('ready') }, post: false },
    );
    expect([exitCode, signal]).toEqual([7, null]);
  });

  test('gets them at the times that GitHub has, counted from the moment that the plan names', () => {
    jest.useFakeTimers();
    try {
      const sent: string[] = [];
      const child = { kill: (signal?: unknown) => sent.push(`${String(signal)} ${performance.now()}`) > 0 };
      let printed = '';
      const startedAtMs = performance.now();
      const stop = sendSignals(child, { when: (text) => text.includes('ready') }, () => printed);
      jest.advanceTimersByTime(20_000);
      expect(sent).toEqual([]);
      printed = 'ready';
      jest.advanceTimersByTime(14_000);
      const from = startedAtMs + 20_005;
      // A timer of no time fires after a millisecond.
      expect(sent).toEqual([`SIGINT ${from + 1}`, `SIGTERM ${from + 7_500}`, `SIGKILL ${from + 10_000}`]);
      stop();
    } finally {
      jest.useRealTimers();
    }
  });
});
