import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { guardedPaths } from '../../src/rehearsal/guarded-files.ts';

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'hidden-')));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Makes files, and folders where the name ends with a slash. */
function make(...names: readonly string[]): void {
  for (const name of names) {
    const path = join(root, name);
    mkdirSync(name.endsWith('/') ? path : dirname(path), { recursive: true });
    if (!name.endsWith('/')) writeFileSync(path, '');
  }
}

/** Of everything in our folder: what a machine has besides is its own. */
function hidden(environment: Readonly<Record<string, string>>, here = '/', needed: readonly string[] = []) {
  const inRoot = Object.fromEntries(Object.entries(environment).map(([name, path]) => [name, join(root, path)]));
  const found = guardedPaths(
    inRoot,
    here === '/' ? here : join(root, here),
    needed.map((path) => join(root, path)),
  );
  return found.filter((path) => path.startsWith(root)).map((path) => relative(root, path));
}

describe('what a rehearsal hides', () => {
  test('on a hosted runner: file commands, the checkout, credentials among temporary files and at home', () => {
    make(
      'work/_temp/_runner_file_commands/set_env_1',
      'work/_temp/git-credentials-1.config',
      'work/_temp/venv/bin/python',
    );
    make(
      'work/models/models/.git/config',
      'home/.aws/credentials',
      'home/.netrc',
      'home/.cache/pip/x',
      'work/_temp/rehearsal-1/',
      // What steps before this one may have made for it.
      'work/_temp/model.tar.gz',
      'work/_temp/config.json',
      'work/_temp/gha-creds-1.json',
    );
    const environment = {
      GITHUB_ENV: 'work/_temp/_runner_file_commands/set_env_1',
      GITHUB_OUTPUT: 'work/_temp/_runner_file_commands/set_output_1',
      GITHUB_WORKSPACE: 'work/models/models',
      HOME: 'home',
      RUNNER_TEMP: 'work/_temp',
    };
    expect(hidden(environment, 'work/models/models', ['work/_temp/rehearsal-1', 'work/_temp/venv/bin/python'])).toEqual(
      [
        'work/_temp/_runner_file_commands',
        'work/models/models/.git',
        'work/_temp/gha-creds-1.json',
        'work/_temp/git-credentials-1.config',
        'home/.aws',
        'home/.netrc',
      ],
    );
  });

  test('on a self-hosted runner: its own credentials', () => {
    make('runner/.credentials', 'runner/.runner', 'runner/_work/_temp/');
    expect(hidden({ RUNNER_TEMP: 'runner/_work/_temp' })).toEqual(['runner/.credentials']);
  });

  test('on a laptop: the .git of a folder above, sockets, and nothing for empty or relative variables', () => {
    make('home/project/.git/config', 'home/project/model/', 'run/agent', 'login/');
    const environment = { SSH_AUTH_SOCK: 'run/agent', XDG_RUNTIME_DIR: 'login' };
    expect(hidden(environment, 'home/project/model')).toEqual(['home/project/.git', 'run/agent', 'login']);
    expect(
      guardedPaths({ HOME: '.', GITHUB_ENV: '', RUNNER_TEMP: '' }, '/', []).filter((path) => !path.startsWith('/')),
    ).toEqual([]);
  });

  test('sockets wherever services leave them, scripts of the steps, folders of the runner, caches of credentials', async () => {
    make('temp/inner/', 'work/_temp/_github_workflow/event.json', 'work/_temp/0f9e8d7c-1234-4321-abcd-0123456789ab.sh');
    make('home/.cache/huggingface/token', 'home/.cargo/credentials.toml', 'home/.m2/settings.xml', 'home/.cache/pip/x');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(root, 'temp', 'inner', 'docker.sock'), resolve));
    try {
      expect(hidden({ RUNNER_TEMP: 'work/_temp', HOME: 'home', TMPDIR: 'temp' })).toEqual([
        'work/_temp/0f9e8d7c-1234-4321-abcd-0123456789ab.sh',
        'work/_temp/_github_workflow',
        'home/.cargo/credentials.toml',
        'home/.cache/huggingface/token',
        'home/.m2/settings.xml',
        'temp/inner/docker.sock',
      ]);
      const docker = guardedPaths({ DOCKER_HOST: `unix://${join(root, 'temp', 'inner', 'docker.sock')}` }, '/', []);
      expect(docker).toContain(join(root, 'temp', 'inner', 'docker.sock'));
    } finally {
      server.close();
    }
  });

  test('where a file stands for the runner, that file and not its folder; and no device', () => {
    make('home/step/env');
    expect(hidden({ GITHUB_ENV: 'home/step/env' })).toEqual(['home/step/env']);
    const found = guardedPaths({ GITHUB_OUTPUT: '/dev/null', GITHUB_ENV: '/tmp', SSH_AUTH_SOCK: '/dev/null' }, '/', [
      '/tmp',
    ]);
    expect(found.filter((path) => path.startsWith('/dev') || path === '/tmp')).toEqual([]);
  });

  test('never a folder that holds what the rehearsal needs, by whatever name', () => {
    make('login/rehearsal-1/', 'home/.config/python/bin/python3', 'home/.ssh/id');
    symlinkSync(join(root, 'login'), join(root, 'link'));
    const environment = { XDG_RUNTIME_DIR: 'link', HOME: 'home' };
    expect(hidden(environment, '/', ['login/rehearsal-1', 'home/.config/python/bin/python3'])).toEqual(['home/.ssh']);
  });
});
