/** The types of numbers and strings. */
import { MAX_PRECISION } from '../../arrow/scalar-text.ts';
import type { DataType, PlainType } from '../../arrow/schema.ts';
import { MAX_DISTINCT, type Observation, type TextObservation } from './observation.ts';
import { counted, type InferenceRules, JSON_TYPE, noted, type Verdict } from './rules.ts';
import { mixtureOf, timeVerdict } from './time-rules.ts';

const INT64_GREATEST = 2n ** 63n - 1n;
/** Decimals have so many digits where they suffice, so that larger numbers have room. */
const USUAL_PRECISION = 18;
/** A dictionary needs so many strings for each different one. */
const DICTIONARY_SHARE = 8;

/** Where no number is negative the unsigned ones come first: they are not larger. */
const SMALLEST: readonly (readonly [PlainType, least: bigint, greatest: bigint])[] = [
  8, 16, 32,
].flatMap((bits): (readonly [PlainType, bigint, bigint])[] => [
  [`uint${bits}` as PlainType, 0n, 2n ** BigInt(bits) - 1n],
  [`int${bits}` as PlainType, -(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n],
]);

/** The type of numbers; there is at least one. */
export function numberType(seen: Observation, rules: InferenceRules): Verdict {
  const { number, fractions } = seen;
  if (number.overflowing > 0) {
    const what = counted(number.overflowing, 'number');
    return noted(JSON_TYPE, 'guess', `${what} beyond a float64: read as json`);
  }
  if (fractions === 0) return integerType(seen, rules);
  const decimal = decimalOf(number.integerDigits, number.fractionDigits);
  if (rules.fractions === 'decimal') {
    if (decimal !== undefined) return { type: decimal };
    const digits = number.integerDigits + number.fractionDigits;
    const message = `numbers of up to ${digits} digits, which no decimal holds: read as float64`;
    return noted({ kind: 'float64' }, 'guess', message);
  }
  if (number.inexactIntegers === 0) return { type: { kind: 'float64' } };
  const what = counted(number.inexactIntegers, 'integer');
  return noted({ kind: 'float64' }, 'guess', `${what} beyond 2^53 among fractions: rounded`);
}

function integerType({ number }: Observation, rules: InferenceRules): Verdict {
  const { least, greatest, wideIntegers, integerDigits } = number;
  if (wideIntegers === 0 && (least === 0n || greatest <= INT64_GREATEST)) {
    const small = SMALLEST.find(([, from, to]) => from <= least && greatest <= to);
    if (rules.integers === 'smallest' && small !== undefined) return { type: { kind: small[0] } };
    return { type: { kind: greatest <= INT64_GREATEST ? 'int64' : 'uint64' } };
  }
  const decimal = decimalOf(integerDigits, 0);
  if (decimal !== undefined) {
    return noted(decimal, 'guess', 'integers that 64 bits do not hold: read as decimals');
  }
  const message = `integers of up to ${integerDigits} digits: rounded to float64`;
  return noted({ kind: 'float64' }, 'guess', message);
}

/** The decimal that holds numbers of so many digits; `undefined`: none does. */
function decimalOf(integerDigits: number, fractionDigits: number): DataType | undefined {
  const digits = integerDigits + fractionDigits;
  if (digits > MAX_PRECISION) return undefined;
  const precision = digits <= USUAL_PRECISION ? USUAL_PRECISION : MAX_PRECISION;
  return { kind: 'decimal', precision, scale: fractionDigits };
}

/**
 * The type of numbers and of strings that all are numbers, or of such strings alone; `undefined`
 * where there are other strings, or no decimal holds them all.
 */
export function numericTextType({ number, strings, text }: Observation): DataType | undefined {
  if (text.numbers < strings) return undefined;
  const integerDigits = Math.max(number.integerDigits, text.integerDigits);
  return decimalOf(integerDigits, Math.max(number.fractionDigits, text.fractionDigits));
}

/** The type of strings; there is at least one. */
export function textType(seen: Observation, rules: InferenceRules): Verdict {
  const { strings, text } = seen;
  const time = timeVerdict(text, strings);
  if (rules.timestamps && time !== undefined) return time;
  const numeric = numericTextType(seen);
  if (rules.numbers && numeric !== undefined) return { type: numeric };
  const isFew = rules.dictionaries && isDictionary(text, strings);
  const type: DataType = { kind: isFew ? 'dictionary' : 'utf8' };
  const mixture = rules.timestamps ? mixtureOf(text, strings) : undefined;
  if (mixture !== undefined) return noted(type, 'guess', `${mixture}: read as ${type.kind}`);
  if (isFew) return { type };
  if (time !== undefined) {
    const { kind } = time.type;
    const what = kind === 'timestamp' ? 'timestamps' : `values of the type ${kind}`;
    return noted(type, 'hint', `all strings are ${what}; the option timestamps reads them so`);
  }
  if (numeric !== undefined) {
    const message = 'all strings are numbers; the option numbers reads them as decimals';
    return noted(type, 'hint', message);
  }
  return { type };
}

function isDictionary({ distinct }: TextObservation, strings: number): boolean {
  return distinct <= MAX_DISTINCT && distinct * DICTIONARY_SHARE <= strings;
}
