/** The table of the suite `operators`, made once and in every engine's own form. */
import { type ColumnTable, table } from 'arquero';
import { Random } from '../data/random.ts';
import { type TableRow, tableRow, tableRowText, tableSchema } from '../data/table.ts';
import type { Messages } from '../data/workload.ts';

/** Rows of a morsel: about what 4 MiB of orders are. */
export const MORSEL_ROWS = 16_384;

/** `count` rows; the same in every run. */
export function makeRows(count: number): TableRow[] {
  const random = new Random(7);
  return Array.from({ length: count }, (_, i) => tableRow(random, i));
}

/** Rows as JSON messages, for the decoder. */
export function rowsToMessages(rows: readonly TableRow[]): Messages {
  const texts = rows.map((row) => Buffer.from(tableRowText(row)));
  const offsets = new Int32Array(rows.length + 1);
  for (const [i, text] of texts.entries()) offsets[i + 1] = offsets[i]! + text.length;
  return { bytes: Buffer.concat(texts), offsets };
}

// What others have made of columns.
const MADE = ['day', 'clock', 'took'] as const;
const NUMERIC = new Set([...'wabijkpqfgz', 'at', 'due', ...MADE]);

/** Rows as a table of arquero: numbers in typed arrays, all else in arrays. */
export function rowsToArquero(rows: readonly TableRow[]): ColumnTable {
  const names = [...(Object.keys(tableSchema) as (keyof TableRow)[]), ...MADE];
  const columns = names.map((name) => {
    const values = rows.map((row) => row[name]);
    return [name, NUMERIC.has(name) ? Float64Array.from(values as number[]) : values] as const;
  });
  return table(Object.fromEntries(columns));
}
