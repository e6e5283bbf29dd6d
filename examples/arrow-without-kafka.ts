/**
 * The same steps without a broker: over Arrow tables in memory and over Arrow IPC. Run it with Node
 * 22.22 or later:
 *
 *     node examples/arrow-without-kafka.ts
 */
import { tableFromArrays, tableToIPC } from 'apache-arrow';
// In a project of your own: from 'millrace'.
import { col, Stream } from '../src/index.ts';

const trades = tableFromArrays({
  symbol: ['ABC', 'XYZ', 'ABC', 'QRS'],
  price: Float64Array.of(10.5, 200, 11, 7.25),
  shares: Int32Array.of(100, 3, 50, 1000),
});

const large = await Stream.fromBatches(trades)
  .map({ value: col('price').mul(col('shares')) })
  .filter(
    col('value')
      .ge(1000)
      .and(col('symbol').in(['ABC', 'QRS'])),
  )
  .select('symbol', 'value')
  .collect();
console.table(large.toArray().map((row) => row.toJSON()));

// The result is an ordinary Arrow table: here it goes through IPC, as a file or a socket would.
const stream = await Stream.fromIpc<{ symbol: string; value: number }>(tableToIPC(large));
const last = await stream.filter(col('symbol').eq('QRS')).collect();
console.log(`${last.numRows} trade of QRS, worth ${last.get(0)?.value}`);
