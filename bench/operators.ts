/** Suite `operators`: kernels on one thread, against a plain loop, arquero and DuckDB. */
import { measure } from './measure.ts';
import { OPERATOR_CASES } from './operators/cases.ts';
import { duckDb, duckDbStored, rowsToDuckDb } from './operators/duckdb.ts';
import { millrace, rowsToMorsels } from './operators/millrace.ts';
import { arquero, plain } from './operators/rivals.ts';
import { MORSEL_ROWS, makeRows, rowsToArquero } from './operators/table.ts';
import type { Suite } from './suite.ts';

const ROWS = 1_000_000;
const SMALL_ROWS = 10_000;
// Columns of 8 bytes: what a row of most cases is.
const BYTES_PER_ROW = 8;

/** Suite `operators`. */
export const suite: Suite = {
  name: 'operators',
  description: 'kernels on one thread, against a plain loop, arquero and DuckDB',
  async run({ small, cases = '', messages = ROWS, report }) {
    const count = small ? SMALL_ROWS : messages;
    const rows = makeRows(count);
    const morsels = rowsToMorsels(rows);
    const table = rowsToArquero(rows);
    const connection = await rowsToDuckDb(rows);
    for (const definition of OPERATOR_CASES.filter(({ name }) => name.includes(cases))) {
      const measurements = await measure({
        suite: 'operators',
        case: definition.name,
        messages: count,
        bytesPerMessage: BYTES_PER_ROW,
        repeats: small ? 1 : 5,
        warmups: small ? 0 : 2,
        settings: { threads: 1, morselRows: MORSEL_ROWS },
        contenders: [
          millrace(morsels, definition),
          plain(rows, definition),
          arquero(table, definition),
          await duckDb(connection, definition),
          await duckDbStored(connection, definition),
        ].filter((contender) => contender !== undefined),
      });
      for (const measurement of measurements) report(measurement);
    }
    connection.closeSync();
  },
};
