import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { marked } from 'marked';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { runCommand } from '../cli/support.ts';
import { openWorld, testPython } from '../e2e/world.ts';
import { ROOT } from '../harness/run-action.ts';
import { openWorkspace, type Workspace } from '../rehearsal/workspace.ts';

const python = testPython();
const hasTorch = spawnSync(python, ['-c', 'import torch']).status === 0;
if (!hasTorch) console.warn('SKIPPED: PyTorch is not installed for BSM_TEST_PYTHON.');

const code = marked
  .lexer(readFileSync(join(ROOT, 'docs', 'first-model.md'), 'utf8'))
  .flatMap((token) =>
    token.type === 'code' ? [{ language: token['lang'] as string | undefined, text: String(token['text']) }] : [],
  );

/** The code blocks of the page, in order: archive, handler, configuration. */
const blocks = code.flatMap(({ language, text }) => (language === undefined ? [] : [text]));

/** What it says to type, without the program. */
const commands = code
  .filter(({ language, text }) => language === undefined && text.startsWith('npx '))
  .map(({ text }) => text.replaceAll(/\\\n/g, ' ').trim().split(/\s+/).slice(2));

let workspace: Workspace;
beforeAll(() => {
  workspace = openWorkspace();
});
afterAll(() => workspace.close());

(hasTorch ? describe : describe.skip)('what docs/first-model.md shows', () => {
  test('makes a model archive that rehearses, and answers its sample requests', async () => {
    const [make = '', handler = '', config = ''] = blocks;
    mkdirSync(join(workspace.folder, 'mine', 'scripts'), { recursive: true });
    const place = (name: string) => join(workspace.folder, 'mine', name);
    writeFileSync(place('make.py'), make);
    writeFileSync(place('scripts/inference.py'), handler);
    writeFileSync(place('config.json'), config);
    expect(spawnSync(python, ['make.py'], { cwd: place('.'), encoding: 'utf8' })).toMatchObject({ status: 0 });
    const run = await workspace.rehearse({ 'working-directory': 'mine' });
    expect([run.exitCode, run.outputs['status']]).toEqual([0, 'succeeded']);
    expect(run.stdout).toContain('Verification passed');
    // Another Python or PyTorch than the image's is told, and no fault of the page.
    expect(run.stdout).not.toMatch(/::error|::warning title=(?!Verification::Verified with |Preflight%3A runner)/);
  });

  test('goes from the top to the bottom of the page by the commands as they stand', async () => {
    const [make = '', handler = '', config = ''] = blocks;
    const world = await openWorld();
    try {
      const place = (name: string) => join(world.workspace, name);
      rmSync(place('scripts'), { recursive: true });
      mkdirSync(place('scripts'));
      mkdirSync(place('deploy'));
      writeFileSync(place('make.py'), make);
      writeFileSync(place('scripts/inference.py'), handler);
      writeFileSync(place('deploy/config.json'), config);
      expect(spawnSync(python, ['make.py'], { cwd: world.workspace, encoding: 'utf8' })).toMatchObject({ status: 0 });
      const env = { PATH: [dirname(python), process.env['PATH'] ?? ''].join(delimiter) };
      const ends: unknown[] = [];
      for (const args of commands) {
        const run = await runCommand(world, args, { env });
        const status = /^Status +(\w+)/m.exec(run.stdout)?.[1];
        ends.push([args[0], run.code, status, /^error/m.test(run.stderr), run.stdout.includes('Verification passed')]);
      }
      expect(ends).toEqual([
        ['rehearse', 0, 'succeeded', false, true],
        ['deploy', 0, 'succeeded', false, true],
      ]);
    } finally {
      await world.close();
    }
  });
});
