import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { marked } from 'marked';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testPython } from '../e2e/world.ts';
import { ROOT } from '../harness/run-action.ts';
import { openWorkspace, type Workspace } from '../rehearsal/workspace.ts';

const python = testPython();
const hasTorch = spawnSync(python, ['-c', 'import torch']).status === 0;
if (!hasTorch) console.warn('SKIPPED: PyTorch is not installed for BSM_TEST_PYTHON.');

/** The code blocks of the page, in order: archive, handler, configuration. */
const blocks = marked
  .lexer(readFileSync(join(ROOT, 'docs', 'first-model.md'), 'utf8'))
  .flatMap((token) => (token.type === 'code' && token['lang'] !== undefined ? [token['text'] as string] : []));

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
    expect(run.stdout).not.toMatch(/::(?:error|warning)/);
  });
});
