/** The orders of the broker suites: a pool of distinct ones, which topics repeat as needed. */
import { toSchema } from '../../src/arrow/schema-literal.ts';
import { type Messages, type Workload, workload } from '../data/workload.ts';

/** Distinct orders; longer topics hold them again and again. */
export const POOL_MESSAGES = 200_000;

/** The workload that the pool is made of. */
export const POOL_WORKLOAD: Workload = workload('order');

/** What the main job writes. */
export const RESULT_SCHEMA = toSchema({
  order_id: 'utf8',
  user_id: 'int64',
  currency: 'utf8',
  euros: 'float64',
  ts: 'timestamp',
  items: 'int32',
});

/** The first `count` of the pool, or all of it. The same in every process. */
export function orderPool(count: number): Messages {
  return POOL_WORKLOAD.messages(Math.min(count, POOL_MESSAGES));
}

/** Bytes of a message of the pool, on average. */
export function bytesPerMessage({ bytes, offsets }: Messages): number {
  return bytes.length / (offsets.length - 1);
}
