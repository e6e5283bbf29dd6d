/** What inference has seen at one path of the messages: plain data, from linear memory. */
import type { MemoryViews } from '../../wasm/column.ts';
import type { WasmInstance } from '../../wasm/instance.ts';

/** How often each kind of value came, and what all of them have in common. */
export interface Observation {
  /** How many of each kind; an integer is a number with neither point nor exponent. */
  readonly nulls: number;
  readonly bools: number;
  readonly integers: number;
  readonly fractions: number;
  readonly strings: number;
  readonly arrays: number;
  readonly objects: number;
  /** Objects or arrays here lie so deep that nobody looked into them. */
  readonly isTooDeep: boolean;
  /** There were too many paths to look into all of these. */
  readonly isUntracked: boolean;
  readonly number: NumberObservation;
  readonly text: TextObservation;
  /** The items of all arrays; absent: there was none. */
  readonly item?: Observation;
  /** The members of all objects, in the order in which they were first seen. */
  readonly members: readonly Member[];
  /** Those of names beyond the number that is kept apart, and of long names, together. */
  readonly others?: Observation;
  /** How many values `others` has. */
  readonly otherMembers: number;
  /** How many of those have a name of more than {@link MAX_NAME_BYTES}. */
  readonly longNames: number;
}

/** Of all numbers. */
export interface NumberObservation {
  /** The least integer of those that 64 bits hold, at most 0; and the greatest, at least 0. */
  readonly least: bigint;
  readonly greatest: bigint;
  /** Integers beyond int64 and uint64. */
  readonly wideIntegers: number;
  /** Integers that a float64 rounds. */
  readonly inexactIntegers: number;
  /** Numbers beyond a float64. */
  readonly overflowing: number;
  /** The most digits before and behind the point. */
  readonly integerDigits: number;
  readonly fractionDigits: number;
}

/** Of all strings: how many look like what, and what those have in common. */
export interface TextObservation {
  readonly numbers: number;
  /** The most digits before and behind the point, of `numbers`. */
  readonly integerDigits: number;
  readonly fractionDigits: number;
  readonly dates: number;
  readonly times: number;
  readonly durations: number;
  /** Durations that have years or months, which no column can be. */
  readonly months: number;
  /** Timestamps with `Z` or an offset, and those without; not those that are a date alone. */
  readonly instants: number;
  readonly wallClocks: number;
  /** The most digits behind the point of a time, a timestamp or a duration. */
  readonly secondDigits: number;
  /** Timestamps and dates that 64 bits of nanoseconds do not hold. */
  readonly beyondNanoseconds: number;
  /** Dates that 64 bits of microseconds do not hold. */
  readonly beyondMicroseconds: number;
  /** Bytes of the longest. */
  readonly longest: number;
  /** Different strings; {@link MAX_DISTINCT} + 1 where there are more. */
  readonly distinct: number;
}

/** A member of objects. */
export interface Member {
  readonly name: string;
  /** In how many objects it was. */
  readonly present: number;
  readonly seen: Observation;
}

/** Longer names are not kept; `MAX_MEMBER_NAME_BYTES` in wasm/infer-observation.h. */
export const MAX_NAME_BYTES = 256;

/** Different strings that are told apart; `MAX_DISTINCT` in wasm/infer-observation.h. */
export const MAX_DISTINCT = 64;

// `OBSERVED_*` and the words of `Observation` in wasm/infer-observation.h.
const TOO_DEEP = 1;
const UNTRACKED = 2;
const WORD = {
  nulls: 6,
  bools: 7,
  integers: 8,
  fractions: 9,
  strings: 10,
  arrays: 11,
  objects: 12,
  flags: 13,
  wideIntegers: 14,
  inexactIntegers: 15,
  overflowing: 16,
  integerDigits: 17,
  fractionDigits: 18,
  numericTexts: 19,
  textIntegerDigits: 20,
  textFractionDigits: 21,
  dates: 22,
  times: 23,
  durations: 24,
  instants: 25,
  wallClocks: 26,
  secondDigits: 27,
  beyondNanoseconds: 28,
  longest: 29,
  distinct: 30,
  item: 32,
  firstMember: 33,
  others: 38,
  otherMembers: 39,
  name: 40,
  nameLength: 41,
  next: 42,
  present: 43,
  months: 44,
  longNames: 45,
  beyondMicroseconds: 46,
} as const;
const LEAST_BYTES = 8;
const GREATEST_BYTES = 16;

const utf8 = new TextDecoder();

/** Copies the tree at `address` out of memory. */
export function readObservation(wasm: WasmInstance, address: number): Observation {
  const { u32 } = wasm;
  const word = (name: keyof typeof WORD) => u32[(address >>> 2) + WORD[name]]!;
  const item = word('item');
  const others = word('others');
  return {
    nulls: word('nulls'),
    bools: word('bools'),
    integers: word('integers'),
    fractions: word('fractions'),
    strings: word('strings'),
    arrays: word('arrays'),
    objects: word('objects'),
    isTooDeep: (word('flags') & TOO_DEEP) !== 0,
    isUntracked: (word('flags') & UNTRACKED) !== 0,
    number: readNumber(wasm, address, word),
    text: readText(word),
    ...(item === 0 ? {} : { item: readObservation(wasm, item) }),
    members: readMembers(wasm, word('firstMember')),
    ...(others === 0 ? {} : { others: readObservation(wasm, others) }),
    otherMembers: word('otherMembers'),
    longNames: word('longNames'),
  };
}

type Words = (name: keyof typeof WORD) => number;

function readNumber({ i64 }: WasmInstance, address: number, word: Words): NumberObservation {
  return {
    least: i64[(address + LEAST_BYTES) >>> 3]!,
    greatest: BigInt.asUintN(64, i64[(address + GREATEST_BYTES) >>> 3]!),
    wideIntegers: word('wideIntegers'),
    inexactIntegers: word('inexactIntegers'),
    overflowing: word('overflowing'),
    integerDigits: word('integerDigits'),
    fractionDigits: word('fractionDigits'),
  };
}

function readText(word: Words): TextObservation {
  return {
    numbers: word('numericTexts'),
    integerDigits: word('textIntegerDigits'),
    fractionDigits: word('textFractionDigits'),
    dates: word('dates'),
    times: word('times'),
    durations: word('durations'),
    months: word('months'),
    instants: word('instants'),
    wallClocks: word('wallClocks'),
    secondDigits: word('secondDigits'),
    beyondNanoseconds: word('beyondNanoseconds'),
    beyondMicroseconds: word('beyondMicroseconds'),
    longest: word('longest'),
    distinct: word('distinct'),
  };
}

function readMembers(wasm: WasmInstance, first: number): Member[] {
  const members: Member[] = [];
  for (let at = first; at !== 0; at = wasm.u32[(at >>> 2) + WORD.next]!) {
    members.push({
      name: readName(wasm, at),
      present: wasm.u32[(at >>> 2) + WORD.present]!,
      seen: readObservation(wasm, at),
    });
  }
  return members;
}

// A copy first: no decoder takes shared memory.
function readName({ u8, u32 }: MemoryViews, member: number): string {
  const address = u32[(member >>> 2) + WORD.name]!;
  const length = u32[(member >>> 2) + WORD.nameLength]!;
  return utf8.decode(Uint8Array.from(u8.subarray(address, address + length)));
}
