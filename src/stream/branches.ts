/** What `split` and `tap` take. */
import { MillraceError } from '../errors.ts';
import { coalesce, Expr, lit, type Predicate } from '../operators/expr.ts';
import type { Step } from '../operators/step.ts';
import { OptionReader } from './option-reader.ts';
import { sampleStep } from './row-steps.ts';
import { filterStep, selectStep } from './steps.ts';

/** The rest of a `split`: `otherwise()` makes it. */
export class Otherwise {
  readonly kind = 'otherwise';
}

/**
 * In a `split`: the rows for which no other predicate is true.
 *
 * @example
 * ```ts
 * const { big, small } = orders.split({ big: col('amount').gt(1000), small: otherwise() });
 * ```
 */
export function otherwise(): Otherwise {
  return new Otherwise();
}

/** The branches of a `split`: a predicate each, or the rest. */
export type Branches = { readonly [name: string]: Predicate | Otherwise };

/**
 * The step that begins each branch.
 *
 * @throws MillraceError `INVALID_PLAN` where there is no branch, or nothing but the rest.
 */
export function branchSteps(branches: Branches): ReadonlyMap<string, Step> {
  if (typeof branches !== 'object' || branches === null || Array.isArray(branches)) {
    throw invalid('split() takes an object, such as { big: col(…).gt(…), rest: otherwise() }');
  }
  const entries = Object.entries(branches);
  if (entries.length === 0) throw invalid('split() makes no branch; name one: split({ big: … })');
  const rests = entries.filter(([, predicate]) => predicate instanceof Otherwise);
  const predicates = entries.flatMap(([, predicate]) =>
    predicate instanceof Otherwise ? [] : [predicate],
  );
  if (rests.length > 1) {
    throw invalid(`split() has two rests, ${rests[0]![0]} and ${rests[1]![0]}; keep one of them`);
  }
  if (predicates.length === 0) {
    throw invalid('split() has otherwise() alone, which takes all rows; give it another branch');
  }
  return new Map(
    entries.map(([name, predicate]) => [
      name,
      filterStep(predicate instanceof Otherwise ? noneOf(predicates) : predicate, ['split', name]),
    ]),
  );
}

// What is neither true nor null of one is not taken by it.
function noneOf(predicates: readonly Predicate[]): Expr {
  const [first, ...others] = predicates.map((predicate) =>
    coalesce(predicate instanceof Expr ? predicate : lit(predicate), false),
  );
  return others.reduce((any, predicate) => any.or(predicate), first!).not();
}

/** What `tap` takes. */
export interface TapOptions {
  /** The columns that its batches have. Default: all that the rows have here. */
  readonly columns?: readonly string[];
  /** The share of the rows that it sees, from 0 to 1, as `sample` draws them. Default all. */
  readonly sample?: number;
  /** The seed of that sample. Default 0. */
  readonly seed?: number;
}

/**
 * The steps in front of the function of a `tap`.
 *
 * @throws MillraceError `INVALID_OPTION`, `INVALID_PLAN`.
 */
export function tapSteps(options: TapOptions): readonly Step[] {
  const reader = new OptionReader('tap', options, ['columns', 'sample', 'seed']);
  const { columns, sample, seed } = options;
  if (columns !== undefined && !Array.isArray(columns)) {
    throw reader.fault('columns', 'give a list of names');
  }
  if (seed !== undefined && sample === undefined) {
    throw reader.fault('seed', 'it is of the option sample, which is not there');
  }
  return [
    ...(sample === undefined ? [] : [sampleStep(sample, seed === undefined ? {} : { seed })]),
    ...(columns === undefined ? [] : [selectStep(columns)]),
  ];
}

function invalid(message: string): MillraceError {
  return new MillraceError(message, { code: 'INVALID_PLAN' });
}
