import { existsSync, realpathSync } from 'node:fs';
import { DeployError } from '../core/errors.ts';
import type { Files } from '../core/files.ts';
import { isIn } from './guarded-files.ts';

/** Where the system tells of processes and devices, our own environment among it. */
const SYSTEM = ['/proc', '/sys', '/dev'];

/**
 * The disk without what is hidden from the jobs of a rehearsal: what is read here is handed to them. A checkout that is not
 * trusted may hold links, and its configuration names folders.
 */
export function withholding(files: Files, hidden: readonly string[]): Files {
  const places = [...SYSTEM, ...hidden];
  const refuse = (path: string): void => {
    const real = existsSync(path) ? realpathSync(path) : path;
    if (!places.some((place) => isIn(place, real))) return;
    throw new DeployError(
      'source-missing',
      `${path === real ? path : `${path} is a link to ${real}, which`} is hidden from the code of a model: a rehearsal does not read it.`,
      { advice: 'Name a file or folder of the repository itself.' },
    );
  };
  const allowed = (path: string): string => {
    refuse(files.resolve(path));
    return path;
  };
  return {
    resolve: (path) => files.resolve(allowed(path)),
    kind: (path) => files.kind(allowed(path)),
    readText: async (path) => files.readText(allowed(path)),
    async tree(folder) {
      const tree = await files.tree(allowed(folder));
      for (const { origin } of tree) if (origin.kind === 'file') refuse(origin.path);
      return tree;
    },
  };
}
