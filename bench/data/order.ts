/** Orders: the message of the main job, plain, with text that needs escapes, and shuffled. */
import type { Random } from './random.ts';

/** Columns of `order` and `order-shuffled`. */
export const orderSchema = {
  order_id: 'utf8',
  user_id: 'int64',
  amount: 'float64',
  currency: 'utf8',
  status: 'utf8',
  ts: 'timestamp',
  items: 'int32',
} as const;

/** Columns of `order-text`. */
export const orderTextSchema = {
  ...orderSchema,
  amount: 'float64?',
  customer: 'utf8',
  note: 'utf8?',
} as const;

/** Currencies of orders. */
export const CURRENCIES = ['EUR', 'USD', 'GBP', 'JPY'];
/** States of orders. */
export const STATUSES = ['paid', 'pending', 'shipped', 'cancelled'];

const CUSTOMERS = ['Zoë Müller', 'Łukasz Żak', '山田太郎', 'Anna Smith', 'René "Ré" Noël', 'Bob'];
const NOTES = [
  'leave at the door\nring twice',
  'C:\\warehouse\\7\tshelf 3',
  'gift 🎁 für Oma',
  'no notes',
  'pay by "SEPA"',
];

function members(random: Random): string[] {
  return [
    `"order_id":"ord_${random.uuid()}_eu-west-1"`,
    `"user_id":${random.integer(1, 9_999_999)}`,
    `"amount":${random.integer(1, 999_999) / 100}`,
    `"currency":"${random.pick(CURRENCIES)}"`,
    `"status":"${random.pick(STATUSES)}"`,
    `"ts":"${random.timestamp()}"`,
    `"items":${random.integer(1, 19)}`,
  ];
}

/** An order of about 178 bytes. */
export function order(random: Random): string {
  return `{${members(random).join(',')}}`;
}

/** An order whose members come in random order. */
export function orderShuffled(random: Random): string {
  return `{${random.shuffle(members(random)).join(',')}}`;
}

/** An order with nulls and text; one in four writes its non-ASCII text as escapes. */
export function orderText(random: Random): string {
  const all = members(random);
  if (random.chance(0.2)) all[2] = '"amount":null';
  all.push(`"customer":${JSON.stringify(random.pick(CUSTOMERS))}`);
  all.push(`"note":${random.chance(0.3) ? 'null' : JSON.stringify(random.pick(NOTES))}`);
  const text = `{${all.join(',')}}`;
  return random.chance(0.25) ? escapeNonAscii(text) : text;
}

function escapeNonAscii(text: string): string {
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return text.replace(/[^\0-\x7f]/g, escaped);
}
