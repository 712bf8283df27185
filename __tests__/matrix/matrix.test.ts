import { beforeAll, describe, expect, test } from '@jest/globals';
import { allCells, aTenth, type Cell } from './cells.ts';
import { recordTraces } from './run-cell.ts';
import { runCells } from './run-cells.ts';

// `npm run matrix` runs all cells.
describe('a fixed tenth of the fault and kill matrix', () => {
  let cells: readonly Cell[] = [];

  beforeAll(async () => {
    cells = allCells(await recordTraces());
  });

  test('holds: one execution alive, one package per region, nothing unreported, no false green', async () => {
    const tenth = aTenth(cells);
    expect(tenth.length).toBeGreaterThanOrEqual(Math.floor(cells.length / 10));
    expect(await runCells(tenth, (line) => process.stdout.write(`${line}\n`))).toEqual([]);
  }, 300_000);
});
