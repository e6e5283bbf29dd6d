/** User functions that tests have workers call; some of them harm their thread. */
import { existsSync, writeFileSync } from 'node:fs';
import type { RowFunction, VectorFunction } from '../../src/index.ts';

/** Amounts weighed by country. */
export const risk: VectorFunction<['float64', 'utf8?'], 'float64'> = (
  [amount, country],
  rows,
  out,
) => {
  for (let row = 0; row < rows; row++) {
    out.values[row] = amount.values[row]! * (country.get(row) === 'DE' ? 1 : 2);
  }
};

/** A greeting. */
export const greet: RowFunction<['utf8'], 'utf8'> = (name) => `Hello, ${name}!`;

/** -1 throws, -2 loops, -3 ends the thread, -4 leaks, -5 waits, -6 is lost in an expression. */
export const harm: RowFunction<['int32'], 'int32?'> = (n) => {
  if (n === -1) throw new RangeError('negative');
  if (n === -2) while (leak.length < 1) Math.random();
  if (n === -3) process.exit(7);
  if (n === -4) for (;;) leak.push(new Array(1_000_000).fill(leak.length));
  if (n === -5) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  if (n === -6) return /^(a+)+$/.test(`${'a'.repeat(64)}b`) ? 1 : 0;
  return n + 1;
};

const leak: unknown[] = [];

/** Ends its thread where there is no file of that name yet. */
export const exitOnce: RowFunction<['utf8'], 'bool'> = (path) => {
  if (existsSync(path)) return true;
  writeFileSync(path, '');
  process.exit(7);
};

/** Writes to whatever it was given in earlier calls, and beyond its output, before it computes. */
export const hoard: VectorFunction<['int32'], 'int32'> = ([n], rows, out) => {
  for (const { values, length, output } of kept.splice(0)) {
    values.fill(-1_000);
    new Uint8Array(values.buffer, values.byteOffset, length * 4).fill(0xff);
    try {
      output.set(0, -1_000);
    } catch {
      // Its call is over.
    }
  }
  for (let row = 0; row < rows + 8; row++) out.values[row] = (n.values[row] ?? 0) + 1;
  kept.push({ values: n.values as Int32Array, length: rows, output: out });
  kept.push({ values: out.values, length: rows, output: out });
};

/** Doubles its argument in its own memory, which types forbid. */
export const double: VectorFunction<['int32'], 'int32'> = ([n], rows, out) => {
  const values = n.values as Int32Array;
  for (let row = 0; row < rows; row++) values[row]! *= 2;
  out.values.set(values);
};

interface Kept {
  readonly values: Int32Array;
  readonly length: number;
  readonly output: { set(row: number, value: number): void };
}
const kept: Kept[] = [];

/** No function. */
export const notAFunction = 7;
