/** What inference is asked for, and what it has to say beside the schema. */
import type { DataType } from '../../arrow/schema.ts';

/** How observations become types; every choice is documented in docs/inference.md. */
export interface InferenceRules {
  /**
   * The type of integers: `int64` (`uint64` beyond it), or the `smallest` of int8 to uint64 that
   * holds the sample. Default `int64`: the next message may have a larger one.
   */
  readonly integers: 'int64' | 'smallest';
  /**
   * The type of numbers with a fraction: `float64`, or `decimal`, exact, with as many digits behind
   * the point as the sample has. Default `float64`.
   */
  readonly fractions: 'float64' | 'decimal';
  /**
   * What may be null: `observed`, what was null or missing in the sample; `all`, everything, for a
   * sample that is not to be trusted in that. Default `observed`.
   */
  readonly nullable: 'observed' | 'all';
  /**
   * Values of several kinds in one place (numbers and strings): `json`, the raw text of each, with
   * a note; or `error`. Default `json`.
   */
  readonly conflicts: 'json' | 'error';
  /** Objects whose keys look like data become maps: `guess`, or `never`. Default `guess`. */
  readonly maps: 'guess' | 'never';
  /**
   * Strings that all look like timestamps, dates, times or durations become those. Default false:
   * utf8, with a hint.
   */
  readonly timestamps: boolean;
  /**
   * Strings that are all numbers, or numbers and such strings, become decimals. Default false:
   * utf8, with a hint.
   */
  readonly numbers: boolean;
  /** Strings of few different values become `dictionary`. Default false. */
  readonly dictionaries: boolean;
}

/** What holds where nothing is said. */
export const INFERENCE_DEFAULTS: InferenceRules = Object.freeze({
  integers: 'int64',
  fractions: 'float64',
  nullable: 'observed',
  conflicts: 'json',
  maps: 'guess',
  timestamps: false,
  numbers: false,
  dictionaries: false,
});

/**
 * Something that a person should look at: a `conflict` that became `json`; a `guess` that may be
 * wrong; something `omitted` from the schema; a `hint` at an option.
 */
export interface InferenceNote {
  readonly kind: 'conflict' | 'guess' | 'omitted' | 'hint';
  /** The path of the column, such as `customer.name` or `items[].sku`; empty: all of them. */
  readonly column: string;
  /** In words, without the column. */
  readonly message: string;
}

/** A type, and what is to be said about how it came about. */
export interface Verdict {
  readonly type: DataType;
  readonly note?: Omit<InferenceNote, 'column'>;
}

/** The raw text of any JSON value. */
export const JSON_TYPE: DataType = Object.freeze({ kind: 'json' });

/** A verdict with a note. */
export function noted(type: DataType, kind: InferenceNote['kind'], message: string): Verdict {
  return { type, note: { kind, message } };
}

/** `1 message`, `2 messages`. */
export function counted(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
}
