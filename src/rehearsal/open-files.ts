import { resolve } from 'node:path';
import { createFiles } from '../core/files.ts';
import type { Dependencies } from '../run/dependencies.ts';
import { hiddenPaths } from './guarded-files.ts';
import { withholding } from './withheld.ts';

interface Place {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What relative working directories start from. */
  readonly workspace: string;
  /** The current folder. */
  readonly here: string;
}

/** The disk of a run, and of a rehearsal's what its jobs may have of it. */
export function createOpenFiles({ environment, here, workspace }: Place): Dependencies['openFiles'] {
  return ({ mode, workingDirectory }) => {
    const files = createFiles(resolve(workspace, workingDirectory ?? ''));
    return mode === 'rehearse' ? withholding(files, hiddenPaths(environment, here, [workspace, here])) : files;
  };
}
