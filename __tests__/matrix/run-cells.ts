import { cellName, type Cell } from './cells.ts';
import { runCell } from './run-cell.ts';

/** Cells at a time: each is two or three processes most of the time. */
const CONCURRENCY = 2;

/** Runs the cells; tells what did not hold, how far it is, and `N cells, N held` at the end. Returns what did not hold. */
export async function runCells(cells: readonly Cell[], say: (line: string) => void): Promise<readonly string[]> {
  const queue = [...cells];
  const broken: string[] = [];
  let ended = 0;
  const worker = async (): Promise<void> => {
    for (let cell = queue.shift(); cell !== undefined; cell = queue.shift()) {
      const problems = await runCell(cell).catch((thrown: unknown) => [`the cell itself failed: ${String(thrown)}`]);
      ended += 1;
      if (ended % 50 === 0) say(`${ended} of ${cells.length} cells ended`);
      if (problems.length === 0) continue;
      broken.push(`${cellName(cell)}\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
      say(broken.at(-1) ?? '');
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  say(`${cells.length} cells, ${cells.length - broken.length} held`);
  return broken;
}
