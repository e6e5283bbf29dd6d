/** Functions of batches, on the main thread, for expressions: `map(fn)`, `filter(fn)`. */
import type { RecordBatch, Table } from 'apache-arrow';
import { type SchemaInput, toSchema } from '../arrow/schema-literal.ts';
import { MillraceError } from '../errors.ts';
import type { Operand, Predicate } from '../operators/expr.ts';
import { type InlineFunction, inlineStep } from '../operators/inline/inline-step.ts';
import type { Step } from '../operators/step.ts';
import { OptionReader } from './option-reader.ts';
import { filterStep, mapStep } from './steps.ts';
import type { BatchOf } from './stream-types.ts';

/** Columns by name: Arrow vectors, typed arrays, or values that Arrow's builders take. */
export type BatchColumns = { readonly [name: string]: Iterable<unknown> };

/** What a function of a batch may give: one record batch, a table, or columns. */
export type BatchResult = RecordBatch | Table | BatchColumns;

/** Makes a batch of a batch; the number of rows may be another. */
export type BatchFunction<Row> = (batch: BatchOf<Row>) => BatchResult | Promise<BatchResult>;

/** A boolean for each row: an Arrow vector of bools, an array; or a byte a row. Null is false. */
export type RowMask = Iterable<boolean | null> | Uint8Array;

/** Says which rows of a batch stay. */
export type MaskFunction<Row> = (batch: BatchOf<Row>) => RowMask | Promise<RowMask>;

/** What `map` takes beside a function. */
export interface BatchFunctionOptions<S extends SchemaInput = SchemaInput> {
  /** The columns that the function gives. Default: those that it is given. */
  readonly schema: S;
}

/** The step of `filter`, of an expression or a function. */
export function filterStepOf(predicate: Predicate | InlineFunction): Step {
  if (typeof predicate === 'function') return inlineStep('filter', predicate);
  return filterStep(predicate);
}

/**
 * The step of `map`, of expressions or a function.
 *
 * @throws MillraceError `INVALID_SCHEMA`; `INVALID_OPTION` for options that are none, or beside
 *   expressions.
 */
export function mapStepOf(
  columns: Readonly<Record<string, Operand>> | InlineFunction,
  options: Partial<BatchFunctionOptions> | undefined,
): Step {
  if (typeof columns === 'function') {
    new OptionReader('map', options ?? {}, ['schema']);
    const { schema } = options ?? {};
    return inlineStep('map', columns, schema === undefined ? undefined : toSchema(schema));
  }
  if (options === undefined) return mapStep(columns);
  throw new MillraceError('map() of columns takes no options; a schema is for a function', {
    code: 'INVALID_OPTION',
    context: { option: 'schema' },
  });
}
