import { allCells, cellName } from '../__tests__/matrix/cells.ts';
import { runCell } from '../__tests__/matrix/run-cell.ts';
import { openWorld } from '../__tests__/matrix/world.ts';

/**
 * Runs every cell of the fault and kill matrix, two at a time, and prints `N cells, N held`. Arguments narrow it to the
 * cells whose name holds all of them.
 */
const SIDE_BY_SIDE = 2;

async function main(): Promise<void> {
  const world = await openWorld();
  await world.deploy();
  const trace = world.aws.requests();
  await world.close();
  const wanted = process.argv.slice(2);
  const cells = allCells(trace).filter((cell) => wanted.every((word) => cellName(cell).includes(word)));
  const queue = [...cells];
  let held = 0;
  const worker = async (): Promise<void> => {
    for (let cell = queue.shift(); cell !== undefined; cell = queue.shift()) {
      const problems = await runCell(cell).catch((thrown: unknown) => [`the cell itself failed: ${String(thrown)}`]);
      if (problems.length === 0) held += 1;
      else console.log(`${cellName(cell)}\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
  console.log(`${cells.length} cells, ${held} held`);
  if (held < cells.length) process.exitCode = 1;
}

await main();
