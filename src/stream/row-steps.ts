/** The steps that make more rows or fewer: `unnest`, `flatMap`, `distinct`, `sample`. */
import { MillraceError } from '../errors.ts';
import { textArgument } from '../operators/expr/arguments.ts';
import type { Operand } from '../operators/expr.ts';
import type { Step, UnnestColumn, UnnestStep } from '../operators/step.ts';
import { shownJson, shownValue } from '../shown-value.ts';
import { OptionReader } from './option-reader.ts';
import { mapStep } from './steps.ts';

/** What `unnest` takes. */
export interface UnnestOptions {
  /**
   * Name of the column of the items; of a map `{ key, value }`. Default: that of the list; of a map
   * `key` and `value`.
   */
  readonly as?: string | { readonly key: string; readonly value: string };
  /** Whether a row whose list is null or empty stays, with a null for the item. Default false. */
  readonly outer?: boolean;
  /** Adds a column of this name, int32: the item's place in its list, from 0 on. */
  readonly index?: string;
}

/** What `flatMap` takes. */
export type FlatMapOptions = Omit<UnnestOptions, 'as'>;

/** What `sample` takes. */
export interface SampleOptions {
  /** Another seed draws other rows; a whole number from 0 on. Default 0. */
  readonly seed?: number;
}

/**
 * The step of `unnest`.
 *
 * @throws MillraceError `INVALID_OPTION`.
 */
export function unnestStep(column: string, options: UnnestOptions): Step {
  const reader = new OptionReader('unnest', options, ['as', 'outer', 'index']);
  const name = columnName('unnest', column);
  return unnested([Object.freeze({ column: name, as: readNames(options.as) })], reader);
}

/**
 * The steps of `flatMap`.
 *
 * @throws MillraceError `INVALID_PLAN`, `INVALID_OPTION`.
 */
export function flatMapSteps(
  columns: Readonly<Record<string, Operand>>,
  options: FlatMapOptions,
): readonly Step[] {
  const reader = new OptionReader('flatMap', options, ['outer', 'index']);
  const map = mapStep(columns, 'flatMap');
  const lists = Object.keys(columns).map((column) => Object.freeze({ column, as: column }));
  return [map, Object.freeze({ ...unnested(lists, reader), method: 'flatMap' })];
}

function unnested(columns: readonly UnnestColumn[], reader: OptionReader): UnnestStep {
  const index = reader.text('index');
  return Object.freeze({
    kind: 'unnest',
    columns: Object.freeze(columns),
    outer: reader.boolean('outer', false),
    ...(index === undefined ? {} : { index }),
  });
}

function readNames(as: UnnestOptions['as']): UnnestColumn['as'] {
  const isName = (name: unknown) => typeof name === 'string' && name !== '';
  if (as === undefined || isName(as)) return as;
  if (typeof as === 'object' && as !== null && isName(as.key) && isName(as.value)) {
    return Object.freeze({ key: as.key, value: as.value });
  }
  throw new MillraceError(
    `unnest: as is ${shownJson(as)}; give a name, or { key, value } of a map`,
    { code: 'INVALID_OPTION', context: { option: 'as' } },
  );
}

/**
 * The step of `distinct`.
 *
 * @throws MillraceError `INVALID_OPTION`.
 */
export function distinctStep(columns: readonly string[]): Step {
  const names = columns.map((column) => columnName('distinct', column));
  return Object.freeze({ kind: 'distinct', columns: Object.freeze(names) });
}

function columnName(method: string, column: unknown): string {
  return textArgument([method, 'column'], column, `${method}('tags')`);
}

/**
 * The step of `sample`.
 *
 * @throws MillraceError `INVALID_OPTION` where `fraction` is not from 0 to 1, or the seed is no
 *   whole number.
 */
export function sampleStep(fraction: number, options: SampleOptions): Step {
  const reader = new OptionReader('sample', options, ['seed']);
  const seed = reader.integer('seed', [0, Number.MAX_SAFE_INTEGER], 0);
  if (typeof fraction === 'number' && fraction >= 0 && fraction <= 1) {
    return Object.freeze({ kind: 'sample', fraction, seed });
  }
  const given = shownValue(fraction, { depth: -1 });
  throw new MillraceError(`sample() takes the share of rows to keep, from 0 to 1, not ${given}`, {
    code: 'INVALID_OPTION',
    context: { option: 'fraction' },
  });
}
