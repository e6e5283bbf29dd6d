/** The main job as a Node program does it today: message by message, with objects. */
import type { EngineJob, FilterName } from '../broker/engine-job.ts';
import { orderPool } from '../broker/pool.ts';
import { parseRows, type Row } from '../compare/json-parse.ts';

/** Euros of a unit of an order's amount: the map step of the job. */
export const EURO_RATE = 0.92;
/** The `most` filter keeps orders above this. */
export const LARGE_AMOUNT = 1_000;

/** A message to be produced. */
export interface Outgoing {
  readonly key: string;
  readonly value: string;
}

/** Parses an order, filters, maps, selects, and writes the result; `undefined`: filtered out. */
export function runOrder(text: string, filter: FilterName): Outgoing | undefined {
  const order = JSON.parse(text) as Row & { order_id: string; amount: number };
  const kept = filter === 'paid' ? order.status === 'paid' : order.amount > LARGE_AMOUNT;
  if (!kept) return undefined;
  const { order_id, user_id, amount, currency, ts, items } = order;
  const result = { order_id, user_id, currency, euros: amount * EURO_RATE, ts, items };
  return { key: order_id, value: JSON.stringify(result) };
}

/** A group that no run had before. */
export function uniqueGroup({ engine, input }: EngineJob): string {
  return `${engine}-${input}-${process.pid}-${Date.now().toString(36)}`;
}

/** The pool as objects, for `produce`. */
export function poolRows(count: number): Row[] {
  const pool = orderPool(count);
  return parseRows(pool, 0, pool.offsets.length - 1);
}

/** `count` of the rows, from the beginning again where their end is reached, `size` at a time. */
export function* rowBatches(
  rows: readonly Row[],
  count: number,
  size: number,
): Generator<readonly Row[]> {
  for (let done = 0; done < count; ) {
    const from = done % rows.length;
    const batch = rows.slice(from, from + Math.min(size, count - done));
    done += batch.length;
    yield batch;
  }
}

/** A row as a message, keyed by its order. */
export function toMessage(row: Row): Outgoing {
  return { key: row.order_id as string, value: JSON.stringify(row) };
}
