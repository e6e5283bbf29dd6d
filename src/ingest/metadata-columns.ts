/** The columns that every Kafka source has besides those of its messages. */
import { type Field, TIMESTAMP } from '../arrow/schema.ts';
import type { ColumnSet } from '../arrow/selection.ts';
import { COLUMN_BYTES, type ColumnFields, writeColumn } from '../wasm/column.ts';
import { ArenaFull, type WasmInstance } from '../wasm/instance.ts';

/**
 * Name and type of each metadata column.
 *
 * - `_timestamp`: of the record (create time, or log append time where the topic has that); null
 *   where the record has none, or one too far away for microseconds.
 * - `_key`: null where the record has none.
 * - `_headers`: in the record's order, empty where it has none. A key that is not valid UTF-8 is
 *   shown with U+FFFD for each byte that is not part of a character: headers are side information,
 *   and one that is odd does not make a message bad.
 */
export const METADATA_FIELDS: readonly Field[] = [
  { name: '_topic', type: { kind: 'utf8' }, nullable: false },
  { name: '_partition', type: { kind: 'int32' }, nullable: false },
  { name: '_offset', type: { kind: 'int64' }, nullable: false },
  { name: '_timestamp', type: TIMESTAMP, nullable: true },
  { name: '_key', type: { kind: 'binary' }, nullable: true },
  { name: '_headers', type: headersType(), nullable: false },
];

// Words of `Records` in wasm/abi.h.
const COUNT_WORD = 0;
const OFFSET_WORD = 6;

const encoder = new TextEncoder();

/**
 * The metadata columns of `names`, in that order, in the open lease; other names are passed over.
 *
 * @param records address of a `Records` that has the fields the columns are made from:
 *   `want.timestamps` for `_timestamp`, `want.keys` for `_key`, `want.headers` for `_headers`.
 * @throws ArenaFull where the lease is too small.
 */
export function metadataColumns(
  wasm: WasmInstance,
  records: number,
  names: readonly string[],
  topic: string,
  partition: number,
): ColumnSet {
  const columns = new Map<string, number>();
  for (const name of names) {
    const address = makeColumn(wasm, records, name, topic, partition);
    if (address !== undefined) columns.set(name, address);
  }
  return columns;
}

function makeColumn(
  wasm: WasmInstance,
  records: number,
  name: string,
  topic: string,
  partition: number,
): number | undefined {
  switch (name) {
    case '_topic':
      return topicColumn(wasm, records, topic);
    case '_partition':
      return partitionColumn(wasm, records, partition);
    case '_offset':
      return offsetColumn(wasm, records);
    case '_timestamp':
      return made(wasm.exports.metadata_timestamps(records), name);
    case '_key':
      return made(wasm.exports.metadata_keys(records), name);
    case '_headers':
      return made(wasm.exports.metadata_headers(records), name);
    default:
      return undefined;
  }
}

function made(address: number, name: string): number {
  if (address === 0) throw new ArenaFull(`the lease has no room for ${name}`);
  return address;
}

function topicColumn(wasm: WasmInstance, records: number, topic: string): number {
  const bytes = encoder.encode(topic);
  const data = wasm.arenaAlloc(bytes.length);
  wasm.u8.set(bytes, data);
  const offsets = wasm.arenaAlloc(8);
  wasm.i32[offsets / 4] = 0;
  wasm.i32[offsets / 4 + 1] = bytes.length;
  const dataLength = bytes.length;
  return column(wasm, records, { type: 'utf8', constant: true, data, offsets, dataLength });
}

function partitionColumn(wasm: WasmInstance, records: number, partition: number): number {
  const data = wasm.arenaAlloc(4);
  wasm.i32[data / 4] = partition;
  return column(wasm, records, { type: 'int32', constant: true, data, offsets: 0, dataLength: 4 });
}

// The records have their offsets as Arrow would: the column borrows them.
function offsetColumn(wasm: WasmInstance, records: number): number {
  const data = wasm.u32[records / 4 + OFFSET_WORD]!;
  const dataLength = wasm.u32[records / 4 + COUNT_WORD]! * 8;
  return column(wasm, records, { type: 'int64', constant: false, data, offsets: 0, dataLength });
}

function column(
  wasm: WasmInstance,
  records: number,
  fields: Pick<ColumnFields, 'type' | 'constant' | 'data' | 'offsets' | 'dataLength'>,
): number {
  const address = wasm.arenaAlloc(COLUMN_BYTES);
  const length = wasm.u32[records / 4 + COUNT_WORD]!;
  writeColumn(wasm, address, { ...fields, length, nullCount: 0, validity: 0, children: [] });
  return address;
}

function headersType(): Field['type'] {
  const key: Field = { name: 'key', type: { kind: 'utf8' }, nullable: false };
  const value: Field = { name: 'value', type: { kind: 'binary' }, nullable: true };
  const header: Field = {
    name: 'item',
    type: { kind: 'struct', fields: [key, value] },
    nullable: false,
  };
  return { kind: 'list', item: header };
}
