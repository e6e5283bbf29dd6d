/** User functions that pipelines on a broker call. */
import type { RowFunction, VectorFunction } from '../../src/index.ts';

/** Twice the amount, over vectors. */
export const twice: VectorFunction<['int64'], 'int64'> = ([id], rows, out) => {
  for (let row = 0; row < rows; row++) out.values[row] = id.values[row]! * 2n;
};

/** Harms its thread at one message. */
export const harmAt: RowFunction<['int64', 'int64', 'utf8'], 'int64'> = (id, poison, how) => {
  if (id !== poison) return id;
  if (how === 'exit') process.exit(3);
  if (how === 'throw') throw new Error('poison');
  while (how === 'leak') leak.push(new Array(1_000_000).fill(leak.length));
  for (;;) Math.random();
};

const leak: unknown[] = [];
