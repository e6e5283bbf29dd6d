/** The value that somebody probably meant, for messages about values that there are not. */
import { mistypedName } from './nearest-name.ts';

/** What values of other clients are called here, by option; values as lower-case text. */
const ELSEWHERE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  acks: { '-1': 'all' },
  // Kafka's numbers, which are kafkajs's CompressionTypes, too.
  compression: {
    ...{ 0: 'none', 1: 'gzip', 2: 'snappy', 3: 'lz4', 4: 'zstd' },
    ...{ null: 'none', false: 'none', uncompressed: 'none' },
  },
  isolation: { 0: 'read_uncommitted', 1: 'read_committed' },
  offsetReset: { smallest: 'earliest', beginning: 'earliest', largest: 'latest', end: 'latest' },
  partitioner: { murmur2random: 'murmur2', default: 'murmur2', random: 'round-robin' },
};

/**
 * The one of `values` that was probably meant by a value of an option: it is written in another
 * way, has another name in other clients, or was mistyped; nothing where none is close.
 */
export function meantValue<T extends string | number>(
  option: string,
  value: unknown,
  values: readonly T[],
): T | undefined {
  const text = folded(String(value));
  const elsewhere = ELSEWHERE[option]?.[text];
  const written = values.find((one) => folded(String(one)) === text || one === elsewhere);
  if (written !== undefined || typeof value !== 'string') return written;
  const near = mistypedName(
    text,
    values.map((one) => folded(String(one))),
  );
  return values.find((one) => folded(String(one)) === near);
}

/** What to say beside a refused offset: how it is written as a bigint, where it is one else. */
export function meantOffset(value: unknown): string {
  const isWhole = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
  const isDigits = typeof value === 'string' && /^\d{1,19}$/.test(value);
  if (!isWhole && !isDigits) return '';
  const type = typeof value;
  const way = isDigits ? `BigInt('${value}')` : `BigInt(${value})`;
  return `; a ${type} is no offset here: write ${BigInt(value)}n, or ${way}`;
}

// `READ_COMMITTED`, `read-committed`; a minus in front of a number stays.
function folded(value: string): string {
  return value
    .trim()
    .toLowerCase()
    .replaceAll(/(?<=\w)[-_ .]/g, '');
}
