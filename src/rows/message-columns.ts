/** Columns in linear memory from messages; the layout is in `wasm/abi.h`. */
import { COLUMN_BYTES, type ColumnFields, writeColumn } from '../wasm/column.ts';
import type { WasmInstance } from '../wasm/instance.ts';
import type { Message } from './message.ts';

/**
 * A binary column in the open lease, null where `bytesOf` answers null.
 *
 * @throws ArenaFull
 */
export function binaryColumn<T>(
  wasm: WasmInstance,
  rows: readonly T[],
  bytesOf: (row: T) => Uint8Array | null,
): number {
  const address = wasm.arenaAlloc(COLUMN_BYTES);
  fillBytes(wasm, address, 'binary', rows, bytesOf);
  return address;
}

/** An int32 column in the open lease. Throws `ArenaFull`. */
export function int32Column(wasm: WasmInstance, values: Int32Array): number {
  const address = wasm.arenaAlloc(COLUMN_BYTES);
  const data = wasm.arenaAlloc(values.length * 4);
  wasm.i32.set(values, data / 4);
  writeColumn(wasm, address, { ...plain('int32', values.length), data, dataLength: 0 });
  return address;
}

/** The messages' times: the address of `i64[count]` milliseconds. Throws `ArenaFull`. */
export function timestamps(wasm: WasmInstance, messages: readonly Message[]): number {
  const address = wasm.arenaAlloc(messages.length * 8);
  let at = address / 8;
  for (const { timestampMs } of messages) {
    wasm.i64[at] = BigInt(timestampMs);
    at += 1;
  }
  return address;
}

/** The messages' headers, a `list<struct{key: utf8, value: binary}>`. Throws `ArenaFull`. */
export function headersColumn(wasm: WasmInstance, messages: readonly Message[]): number {
  const all = messages.flatMap(({ headers }) => headers);
  const address = wasm.arenaAlloc(COLUMN_BYTES);
  const struct = wasm.arenaAlloc(COLUMN_BYTES);
  // Children lie one behind the other.
  const key = wasm.arenaAlloc(2 * COLUMN_BYTES);
  const value = key + COLUMN_BYTES;
  fillBytes(wasm, key, 'utf8', all, (header) => header.key);
  fillBytes(wasm, value, 'binary', all, (header) => header.value);
  writeColumn(wasm, struct, { ...plain('struct', all.length), children: [key, value] });
  const offsets = wasm.arenaAlloc((messages.length + 1) * 4);
  let end = 0;
  wasm.i32[offsets / 4] = 0;
  for (const [i, { headers }] of messages.entries()) {
    end += headers.length;
    wasm.i32[offsets / 4 + i + 1] = end;
  }
  writeColumn(wasm, address, { ...plain('list', messages.length), offsets, children: [struct] });
  return address;
}

function fillBytes<T>(
  wasm: WasmInstance,
  address: number,
  type: 'utf8' | 'binary',
  rows: readonly T[],
  bytesOf: (row: T) => Uint8Array | null,
): void {
  const count = rows.length;
  let dataLength = 0;
  for (const row of rows) dataLength += bytesOf(row)?.length ?? 0;
  const offsets = wasm.arenaAlloc((count + 1) * 4);
  const validity = wasm.arenaAlloc((count + 7) >> 3);
  const data = wasm.arenaAlloc(dataLength);
  wasm.u8.fill(0, validity, validity + ((count + 7) >> 3));
  let nullCount = 0;
  let end = 0;
  wasm.i32[offsets / 4] = 0;
  for (let i = 0; i < count; i++) {
    const bytes = bytesOf(rows[i]!);
    if (bytes === null) nullCount += 1;
    else {
      wasm.u8[validity + (i >> 3)]! |= 1 << (i & 7);
      wasm.u8.set(bytes, data + end);
      end += bytes.length;
    }
    wasm.i32[offsets / 4 + i + 1] = end;
  }
  const fields = { ...plain(type, count), data, offsets, dataLength, nullCount };
  writeColumn(wasm, address, { ...fields, validity: nullCount === 0 ? 0 : validity });
}

function plain(type: ColumnFields['type'], length: number): ColumnFields {
  const none = { nullCount: 0, validity: 0, data: 0, offsets: 0, dataLength: 0, children: [] };
  return { type, constant: false, length, ...none };
}
