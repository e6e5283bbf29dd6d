/** Rows through an encoder and the record batch writer, back as text, for tests. */
import type { Schema } from '../../../src/arrow/schema.ts';
import type { ColumnSet } from '../../../src/arrow/selection.ts';
import { encodeBatches } from '../../../src/ingest/batch-writer.ts';
import { createJsonEncoder } from '../../../src/ingest/codecs/json-writer.ts';
import type { WasmInstance } from '../../../src/wasm/instance.ts';
import type { Value } from '../../wasm/columns.ts';
import { openArena } from '../../wasm/harness.ts';
import { makeColumns } from '../make-column.ts';
import { readBatches } from '../read-records.ts';

/** The JSON text of each row; `columns` replaces those made from rows. */
export function encodeRows(
  wasm: WasmInstance,
  schema: Schema,
  rows: readonly Readonly<Record<string, Value>>[] | number,
  columns?: ColumnSet,
): string[] {
  if (columns === undefined) openArena(wasm);
  const batches = encodeBatches(wasm, {
    encoder: createJsonEncoder(wasm, schema),
    columns: columns ?? makeColumns(wasm, schema, typeof rows === 'number' ? [] : rows),
    selection: { address: 0, count: typeof rows === 'number' ? rows : rows.length },
    timestamp: 0n,
    partitions: 1,
    partitioner: 'round-robin',
    roundRobinStart: 0,
    compression: 'none',
    maxBatchBytes: 1 << 26,
    tombstones: false,
  });
  return batches.flatMap(({ address, byteLength }) => {
    const bytes = wasm.u8.slice(address, address + byteLength);
    const { records } = readBatches(wasm, bytes);
    return records.map(({ value }) => Buffer.from(value ?? 'null', 'latin1').toString());
  });
}
