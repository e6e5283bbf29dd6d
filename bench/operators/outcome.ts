/** What a case came to, as sums: the same for every engine, in whatever order it has its rows. */
import { hashOf, type RunResult } from '../measure.ts';

/** A value that came out, and the weight of its row. */
export type Weighted = readonly [value: unknown, weight: number];

/** Sums up values in JavaScript. */
export function outcomeOf(values: Iterable<Weighted>, scale = 1): RunResult {
  let count = 0;
  let sum = 0;
  let weighted = 0;
  for (const [value, weight] of values) {
    if (value === null || value === undefined) continue;
    const size = sizeOf(value) * scale;
    count++;
    sum += size;
    weighted += size * weight;
  }
  return outcome(count, sum, weighted);
}

/** @param weighted the sum of all values, each multiplied by the weight of its row. */
export function outcome(count: number, sum: number, weighted: number): RunResult {
  const rounded = [sum, weighted].map((value) => value.toPrecision(7));
  return { hash: hashOf([String(count), ...rounded]), sums: [sum, weighted] };
}

function isPoint(value: unknown): value is { readonly x: number; readonly y: number } {
  return typeof value === 'object' && value !== null && 'x' in value && 'y' in value;
}

// A text counts with its bytes and its first one, as `sizeSql` in duckdb.ts has it.
function sizeOf(value: unknown): number {
  if (isPoint(value)) return value.x + value.y;
  if (typeof value !== 'string') return Number(value);
  return Buffer.byteLength(value) * 1000 + (value.codePointAt(0) ?? 0);
}
