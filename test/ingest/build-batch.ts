/** Record batches by hand, for tests: an independent writer, one byte after the other. */
import { crc32c } from '../../src/ingest/crc32c.ts';

/** One record of a batch. */
export interface RecordSpec {
  readonly key?: Uint8Array | string | null;
  readonly value?: Uint8Array | string | null;
  readonly headers?: readonly (readonly [string | Uint8Array, Uint8Array | string | null])[];
  /** Default: its index. */
  readonly offsetDelta?: number;
  readonly timestampDelta?: bigint;
}

/** A batch. */
export interface BatchSpec {
  readonly baseOffset?: bigint;
  readonly attributes?: number;
  /** Default: that of the last record. */
  readonly lastOffsetDelta?: number;
  readonly baseTimestamp?: bigint;
  readonly maxTimestamp?: bigint;
  readonly producerId?: bigint;
  readonly magic?: number;
  readonly records: readonly RecordSpec[];
  /** Turns the records' bytes into what is stored. */
  readonly compress?: (records: Buffer) => Uint8Array;
}

/** A zigzag varint. */
export function varint(value: bigint | number): number[] {
  let bits = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n));
  const bytes: number[] = [];
  for (; bits >= 128n; bits >>= 7n) bytes.push(Number(bits & 127n) | 128);
  return [...bytes, Number(bits)];
}

/** One record with its length in front. */
export function buildRecord(record: RecordSpec, index = 0): Buffer {
  const headers = record.headers ?? [];
  const body = Buffer.concat([
    Buffer.from([
      0,
      ...varint(record.timestampDelta ?? 0n),
      ...varint(record.offsetDelta ?? index),
    ]),
    sized(record.key ?? null),
    sized(record.value ?? null),
    Buffer.from(varint(headers.length)),
    ...headers.flatMap(([key, value]) => [sized(key), sized(value)]),
  ]);
  return Buffer.concat([Buffer.from(varint(body.length)), body]);
}

/** A whole batch with a right CRC. */
export function buildBatch(spec: BatchSpec): Buffer {
  const records = Buffer.concat(spec.records.map((record, i) => buildRecord(record, i)));
  const payload = spec.compress?.(records) ?? records;
  const batch = Buffer.concat([Buffer.alloc(61), payload]);
  const { baseTimestamp = 0n } = spec;
  const last = spec.records.at(-1)?.offsetDelta ?? Math.max(0, spec.records.length - 1);
  batch.writeBigInt64BE(spec.baseOffset ?? 0n, 0);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt8(spec.magic ?? 2, 16);
  batch.writeInt16BE(spec.attributes ?? 0, 21);
  batch.writeInt32BE(spec.lastOffsetDelta ?? last, 23);
  batch.writeBigInt64BE(baseTimestamp, 27);
  batch.writeBigInt64BE(spec.maxTimestamp ?? baseTimestamp, 35);
  batch.writeBigInt64BE(spec.producerId ?? -1n, 43);
  batch.writeInt16BE(-1, 51);
  batch.writeInt32BE(-1, 53);
  batch.writeInt32BE(spec.records.length, 57);
  return withCrc(batch);
}

/** Makes the CRC of a batch right, in place. */
export function withCrc(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
}

/** A transaction marker: a control batch of one record. */
export function buildMarker(baseOffset: bigint, producerId: bigint, kind: 'abort' | 'commit') {
  const key = Buffer.from([0, 0, 0, kind === 'abort' ? 0 : 1]);
  const records = [{ key, value: Buffer.from([0, 0, 0, 0, 0, 0]) }];
  return buildBatch({ baseOffset, producerId, attributes: 0x30, records });
}

function sized(value: Uint8Array | string | null): Buffer {
  if (value === null) return Buffer.from(varint(-1));
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from(varint(bytes.length)), bytes]);
}
