/** The rival of every Node program: `JSON.parse` of each message's text, to objects. */
import type { Messages } from '../data/workload.ts';

/** A message as `JSON.parse` gives it. */
export type Row = Record<string, unknown>;

/** Parses messages `[from, to)` to objects. */
export function parseRows({ bytes, offsets }: Messages, from: number, to: number): Row[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rows = new Array<Row>(to - from);
  for (let i = from; i < to; i++) {
    rows[i - from] = JSON.parse(buffer.toString('utf8', offsets[i]!, offsets[i + 1]!)) as Row;
  }
  return rows;
}
