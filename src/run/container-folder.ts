import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The project's `container/` folder: beside `dist/`, wherever in the checkout the started file (`from`) stands. */
export function containerFolder(from: string): string {
  const here = join(from, 'container');
  return existsSync(here) || dirname(from) === from ? here : containerFolder(dirname(from));
}
