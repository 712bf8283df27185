import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject, StateFile } from '../contracts.ts';

/** One file per name in a folder, replaced as a whole. */
export function folderStateFile(folder: string): StateFile {
  mkdirSync(folder, { recursive: true });
  return {
    load(name) {
      try {
        return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as JsonObject;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    save(name, value) {
      const path = join(folder, `${name}.json`);
      writeFileSync(`${path}.new`, JSON.stringify(value));
      renameSync(`${path}.new`, path);
    },
  };
}

export function memoryStateFile(): StateFile {
  const texts = new Map<string, string>();
  return {
    load(name) {
      const text = texts.get(name);
      return text === undefined ? undefined : (JSON.parse(text) as JsonObject);
    },
    save(name, value) {
      texts.set(name, JSON.stringify(value));
    },
  };
}
