import { describe, expect, test } from '@jest/globals';
import { allCells, aTenth, cellName } from './cells.ts';
import { recordTraces, runCell } from './run-cell.ts';

// `npm run matrix` runs all cells.
const cells = allCells(await recordTraces());
const tenth = aTenth(cells);

describe('a fixed tenth of the fault and kill matrix', () => {
  test('is a tenth', () => {
    expect(tenth.length).toBeGreaterThanOrEqual(Math.floor(cells.length / 10));
  });

  describe('holds: one execution alive, one package per region, nothing unreported, no false green', () => {
    test.concurrent.each(tenth.map((cell) => ({ name: cellName(cell), cell })))('$name', async ({ cell }) => {
      expect(await runCell(cell)).toEqual([]);
    });
  });
});
