/** Orders of about 900 bytes with structs, lists of structs and free text. */
import { nullable } from '../../src/arrow/schema-literal.ts';
import type { Random } from './random.ts';

/** Columns of `nested`. */
export const nestedSchema = {
  order_id: 'utf8',
  user_id: 'int64',
  customer: {
    id: 'int64',
    name: 'utf8',
    email: 'utf8',
    vip: 'bool',
    address: nullable({
      street: 'utf8',
      city: 'utf8',
      zip: 'utf8',
      lat: 'float64',
      lon: 'float64',
    }),
  },
  items: [{ sku: 'utf8', name: 'utf8', qty: 'int32', price: 'float64', discount: 'float64?' }],
  tags: ['utf8'],
  note: 'utf8',
  total: 'float64',
  created_at: 'timestamp',
  updated_at: 'timestamp',
  paid: 'bool',
} as const;

const CITIES = ['Paris', 'Berlin', 'Łódź', 'London'];
const WORDS_OF_TAGS = ['new', 'gift', 'priority', 'fragile', 'bulk'];

function item(random: Random) {
  return {
    sku: `SKU-${random.hex(8)}`,
    name: random.words(3),
    qty: random.integer(1, 9),
    price: random.integer(1, 100_000) / 100,
    discount: random.chance(0.3) ? random.integer(1, 50) / 100 : null,
  };
}

/** One nested order. */
export function nested(random: Random): string {
  const items = Array.from({ length: random.integer(3, 7) }, () => item(random));
  return JSON.stringify({
    order_id: random.uuid(),
    user_id: random.integer(1, 2 ** 40),
    customer: {
      id: random.integer(1, 1e9),
      name: random.chance(0.1) ? 'Zoë Müller "Z" 日本' : random.words(2),
      email: `${random.words(1)}${random.integer(1, 999)}@example.com`,
      vip: random.chance(0.5),
      address: {
        street: `${random.integer(1, 999)} ${random.words(2)}`,
        city: random.pick(CITIES),
        zip: String(random.integer(10_000, 99_999)),
        lat: random.integer(-900_000, 900_000) / 10_000,
        lon: random.integer(-1_800_000, 1_800_000) / 10_000,
      },
    },
    items,
    tags: Array.from({ length: random.integer(0, 4) }, () => random.pick(WORDS_OF_TAGS)),
    note: random.chance(0.05) ? 'line1\nline2\t"q" €' : random.words(6),
    total: random.integer(1, 10_000_000) / 100,
    created_at: random.timestamp(),
    updated_at: random.timestamp(),
    paid: random.chance(0.7),
  });
}
