/** Measurements of about 60 bytes: what a message costs beside its content. */
import type { Random } from './random.ts';

/** Columns of `small`. */
export const smallSchema = {
  id: 'int64',
  v: 'float64',
  k: 'utf8',
  ok: 'bool',
  t: 'int64',
} as const;

const KINDS = ['abc', 'defg', 'hi'];

/** One measurement. */
export function small(random: Random): string {
  const id = random.integer(1, 9_999_999);
  const v = random.integer(1, 99_999) / 100;
  const t = 1_700_000_000_000 + random.integer(0, 1e9);
  return `{"id":${id},"v":${v},"k":"${random.pick(KINDS)}","ok":${random.chance(0.5)},"t":${t}}`;
}
