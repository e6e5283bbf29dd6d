/** Record batches through `readRecords` as plain objects, for tests. */
import { readRecords, type WireInput } from '../../src/ingest/wire-batch.ts';
import type { WasmInstance } from '../../src/wasm/instance.ts';

/** One record as it was found. */
export interface PlainRecord {
  readonly offset: bigint;
  readonly timestamp: bigint;
  readonly key: string | null;
  readonly value: string | null;
  readonly headersCount: number;
}

/** Puts `bytes` into the open lease and reads them; bytes are shown as latin1 text. */
export function readBatches(
  wasm: WasmInstance,
  bytes: Uint8Array,
  input: Partial<WireInput> = {},
): { records: PlainRecord[]; address: number; nextOffset: bigint; controlBatches: number } {
  const address = wasm.arenaAlloc(bytes.length);
  wasm.u8.set(bytes, address);
  const read = readRecords(wasm, {
    address,
    byteLength: bytes.length,
    topic: 'orders',
    partition: 3,
    fetchOffset: 0n,
    dropped: [],
    want: { keys: true, headers: true, timestamps: true },
    ...input,
  });
  return { ...read, records: plainRecords(wasm, read.records), address: read.records };
}

/** The records at the address of a `Records` that has all fields. */
export function plainRecords(wasm: WasmInstance, address: number): PlainRecord[] {
  const words = wasm.u32.subarray(address / 4, address / 4 + 12);
  const text = (addresses: number, lengths: number, row: number) => {
    const length = wasm.i32[lengths / 4 + row]!;
    if (length < 0) return null;
    const begin = wasm.u32[addresses / 4 + row]!;
    return Buffer.from(wasm.u8.slice(begin, begin + length)).toString('latin1');
  };
  return Array.from({ length: words[0]! }, (_, row) => ({
    value: text(words[2]!, words[3]!, row),
    key: text(words[4]!, words[5]!, row),
    offset: wasm.i64[words[6]! / 8 + row]!,
    timestamp: wasm.i64[words[7]! / 8 + row]!,
    headersCount: wasm.u32[words[10]! / 4 + row]!,
  }));
}
