import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testPython } from '../e2e/world.ts';
import { ROOT } from '../harness/run-action.ts';

const EXAMPLE = join(ROOT, 'examples', 'bsm');
const python = testPython();
const hasTorch = spawnSync(python, ['-c', 'import torch']).status === 0;
if (!hasTorch) console.warn(`SKIPPED: ${python} has no PyTorch; the example's model is not trained.`);
const withTorch = hasTorch ? describe : describe.skip;

const readme = readFileSync(join(EXAMPLE, 'README.md'), 'utf8');

withTorch('training', () => {
  test('needs nothing but PyTorch, says what the README says, and writes the same bytes twice', () => {
    const folder = mkdtempSync(join(tmpdir(), 'training-'));
    const archive = join(folder, 'model.tar.gz');
    for (const path of ['train.py', 'scripts']) cpSync(join(EXAMPLE, path), join(folder, path), { recursive: true });
    const runs = [1, 2].map(() => {
      const { stdout, stderr } = spawnSync(python, ['-B', join(folder, 'train.py')], { encoding: 'utf8' });
      return { said: stdout + stderr, bytes: readFileSync(archive).toString('base64') };
    });
    rmSync(folder, { recursive: true });
    const auc = (text = '') => Number(/held-out AUC ([\d.]+)/.exec(text)?.[1]);
    // Another processor may round otherwise.
    expect(auc(runs[0]?.said)).toBeCloseTo(auc(readme), 2);
    expect(runs[1]).toEqual(runs[0]);
  });
});
