/** Messages as records in a worker's memory, and rows as text that every engine can be held to. */
import type { RecordBatch } from 'apache-arrow';
import type { DataType, Field, Schema } from '../src/arrow/schema.ts';
import type { WasmInstance } from '../src/wasm/instance.ts';
import type { Messages } from './data/workload.ts';

// `Records` in wasm/abi.h.
const RECORDS_BYTES = 48;
const VALUE_ADDRESS_WORD = 2;
const VALUE_LENGTH_WORD = 3;

/**
 * Copies messages `[from, to)` into the open lease and makes the `Records` that a wire batch of
 * them would give, values only.
 *
 * @returns the address of the `Records`.
 */
export function placeRecords(
  wasm: WasmInstance,
  { bytes, offsets }: Messages,
  from: number,
  to: number,
): number {
  const count = to - from;
  const start = offsets[from]!;
  const input = wasm.arenaAlloc(offsets[to]! - start);
  wasm.u8.set(bytes.subarray(start, offsets[to]!), input);
  const records = wasm.arenaAlloc(RECORDS_BYTES);
  const addresses = wasm.arenaAlloc(count * 4);
  const lengths = wasm.arenaAlloc(count * 4);
  for (let i = 0; i < count; i++) {
    const begin = offsets[from + i]!;
    wasm.u32[(addresses >>> 2) + i] = input + begin - start;
    wasm.i32[(lengths >>> 2) + i] = offsets[from + i + 1]! - begin;
  }
  const word = records >>> 2;
  wasm.u32.fill(0, word, word + RECORDS_BYTES / 4);
  wasm.u32[word] = count;
  wasm.u32[word + 1] = count;
  wasm.u32[word + VALUE_ADDRESS_WORD] = addresses;
  wasm.u32[word + VALUE_LENGTH_WORD] = lengths;
  return records;
}

/** A row of a RecordBatch as canonical text: equal rows are equal texts, whatever made them. */
export function readBatchRow(batch: RecordBatch, row: number, schema: Schema): string {
  return canonical(batch.get(row), schema.fields);
}

/** An object of `JSON.parse` as the same canonical text. */
export function readObjectRow(row: Record<string, unknown>, schema: Schema): string {
  return canonical(row, schema.fields);
}

function canonical(row: unknown, fields: readonly Field[]): string {
  const members = row as Record<string, unknown>;
  return fields.map(({ name, type }) => canonicalValue(members[name], type)).join('|');
}

function canonicalValue(value: unknown, type: DataType): string {
  if (value === null || value === undefined) return 'null';
  switch (type.kind) {
    case 'struct':
      return `{${canonical(value, type.fields)}}`;
    case 'list': {
      const items = [...(value as Iterable<unknown>)];
      return `[${items.map((item) => canonicalValue(item, type.item.type)).join()}]`;
    }
    case 'timestamp':
      return String(typeof value === 'string' ? Date.parse(value) : value);
    case 'utf8':
      return JSON.stringify(value);
    default:
      return String(value);
  }
}
