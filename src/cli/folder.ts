import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SUMMARY } from './session.ts';

/** The folder for the files of a run, made when the first is written. Summaries are appended to: an earlier one goes. */
export function createFolder(asked: string | undefined): () => string {
  let made: string | undefined;
  return () => {
    if (made !== undefined) return made;
    made = asked ?? mkdtempSync(join(tmpdir(), 'bsm-pytorch-deploy-'));
    mkdirSync(made, { recursive: true });
    rmSync(join(made, SUMMARY), { force: true });
    return made;
  };
}
