import { allCells, cellName } from '../__tests__/matrix/cells.ts';
import { recordTraces } from '../__tests__/matrix/run-cell.ts';
import { runCells } from '../__tests__/matrix/run-cells.ts';

/**
 * Runs every cell of the fault and kill matrix and prints `N cells, N held`. Arguments narrow it to the cells whose name
 * holds all of them.
 */
const wanted = process.argv.slice(2);
const cells = allCells(await recordTraces()).filter((cell) => wanted.every((word) => cellName(cell).includes(word)));
const broken = await runCells(cells, console.log);
if (broken.length > 0) process.exitCode = 1;
