import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { constants, copyFile, link, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Whoever was handed the path of a body may still be about to open it when the object is overwritten. */
const GRACE_MS = 60_000;

/** The files that hold what objects and parts are made of. A body never changes once it is referred to. */
export interface BodyFolder {
  path(id: string): string;
  create(): Promise<{ id: string; file: FileHandle }>;
  write(bytes: Uint8Array): Promise<string>;
  /** The same bytes under a new id, at no cost in space. */
  duplicate(id: string): Promise<string>;
  /** A copy of a file of somebody else's, which may change afterwards. */
  takeCopy(path: string): Promise<string>;
  /** Removes a body that nobody has seen. */
  drop(id: string): Promise<void>;
  /** Removes, in a while, what some reader may still be reading. */
  retire(ids: readonly string[]): void;
  /** Removes at start what no object refers to. */
  sweep(used: ReadonlySet<string>): void;
}

export function openBodyFolder(folder: string): BodyFolder {
  mkdirSync(folder, { recursive: true });
  const path = (id: string) => join(folder, id);
  const newId = () => randomUUID().replaceAll('-', '');
  return {
    path,
    async create() {
      const id = newId();
      return { id, file: await open(path(id), 'wx') };
    },
    async write(bytes) {
      const id = newId();
      await writeFile(path(id), bytes);
      return id;
    },
    async duplicate(id) {
      const copy = newId();
      await link(path(id), path(copy)).catch(() => copyFile(path(id), path(copy)));
      return copy;
    },
    async takeCopy(source) {
      const id = newId();
      await copyFile(source, path(id), constants.COPYFILE_FICLONE);
      return id;
    },
    drop: (id) => rm(path(id), { force: true }),
    retire(ids) {
      if (ids.length === 0) return;
      setTimeout(() => {
        for (const id of ids) rm(path(id), { force: true }).catch(() => undefined);
      }, GRACE_MS).unref();
    },
    sweep(used) {
      for (const id of readdirSync(folder)) if (!used.has(id)) rmSync(path(id), { force: true });
    },
  };
}
