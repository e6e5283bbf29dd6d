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

/** No function. */
export const notAFunction = 7;
