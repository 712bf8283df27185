import { chmod, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Removes a job's folder, read-only folders in it too. What cannot be removed stays: it is only disk. */
export async function removeFolder(path: string): Promise<void> {
  const options = { recursive: true, force: true, maxRetries: 2 };
  await rm(path, options).catch(async () => {
    await openUp(path);
    await rm(path, options).catch(() => undefined);
  });
}

async function openUp(folder: string): Promise<void> {
  await chmod(folder, 0o700).catch(() => undefined);
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await openUp(join(folder, entry.name));
}
