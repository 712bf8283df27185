import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Context } from '../core/context.ts';

const GIT_MS = 5_000;

/** Outside GitHub the commit is the one checked out here, where nothing tracked was changed since. */
export async function withCommit(context: Context, folder: string): Promise<Context> {
  if (context.provenance.commit !== 'none') return context;
  const git = async (...args: string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)('git', args, { cwd: folder, timeout: GIT_MS });
    return stdout.trim();
  };
  try {
    const [commit, changed] = await Promise.all([
      git('rev-parse', '--verify', 'HEAD'),
      git('status', '--porcelain', '--untracked-files=no'),
    ]);
    return changed === '' ? { ...context, provenance: { ...context.provenance, commit } } : context;
  } catch {
    // No git, or no repository: nothing is known.
    return context;
  }
}
