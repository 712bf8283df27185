import { readdirSync } from 'node:fs';
import { describePython, FOLDER } from './python-suite.ts';

// packager.deep.test.ts has the ones that load PyTorch.
const suites = readdirSync(FOLDER)
  .map((file) => file.replace(/\.py$/, ''))
  .filter((name) => name.startsWith('test_') && name !== 'test_verification');

for (const suite of suites) describePython(suite);
