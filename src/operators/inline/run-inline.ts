/** Runs an inline function's step in a worker: batch out, wait, what it gave in. */
import { exportColumns, type PortableBatch } from '../../arrow/batch-export.ts';
import type { Field, Schema } from '../../arrow/schema.ts';
import type { ColumnSet, Selection } from '../../arrow/selection.ts';
import { MillraceError } from '../../errors.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import { checkJson, jsonFields } from '../check-json.ts';
import { composeRows, repeatRows } from '../kernels/unnest.ts';
import { take } from '../take.ts';
import { plainColumn } from '../udf/plain-column.ts';
import type { RowSet } from '../unnest.ts';
import { inlineFailed } from './inline-step.ts';

/** An inline function's step as it runs. */
export interface CompiledInline {
  readonly kind: 'inline';
  readonly what: 'map' | 'filter';
  /** Of the `InlineStep`. */
  readonly number: number;
  readonly name: string;
  /** The columns that the function is given. */
  readonly hands: Schema;
  /** The columns that it gives, for a `map`. */
  readonly returns: Schema;
  /** Columns that it is not shown, and that the rows keep. */
  readonly keeps: readonly string[];
}

/** The morsel has to give way to one before it, which waits for its worker; nothing happened. */
export class GiveWay extends Error {}

/** The way to the thread that has the functions. */
export interface InlineHost {
  /**
   * Calls a function, and waits.
   *
   * @param place takes the address of so many bytes for the columns that it gave.
   * @throws MillraceError what the function failed with; GiveWay.
   */
  call(number: number, batch: PortableBatch, place: (bytes: number) => number): InlineResult;
}

/** What a function gave: which rows stay, a byte a row, or columns in the lease. */
export type InlineResult =
  | { readonly kind: 'mask'; readonly mask: Uint8Array }
  | { readonly kind: 'columns'; readonly columns: ColumnSet; readonly rows: number };

/** For steps without inline functions. */
export const NO_INLINE: InlineHost = Object.freeze({
  call: () => {
    throw new MillraceError('this thread has no inline functions', { code: 'INTERNAL' });
  },
});

/**
 * The rows behind the step. Of a `map` that gives another number of rows than it was given, each
 * counts as of the first of those.
 *
 * @throws ArenaFull; GiveWay; MillraceError what the function failed with.
 */
export function runInline(
  wasm: WasmInstance,
  host: InlineHost,
  step: CompiledInline,
  before: RowSet,
): RowSet {
  const { selection } = before;
  const place = (bytes: number) => wasm.arenaAlloc(bytes);
  if (selection.count === 0) return nothing(wasm, step, before);
  const result = host.call(step.number, batchOf(wasm, step, before), place);
  if (result.kind === 'mask') {
    return { ...before, selection: masked(wasm, selection, result.mask) };
  }
  const { rows } = result;
  checkGiven(wasm, step, result.columns);
  const parents = parentsOf(wasm, before, rows);
  const kept = step.keeps.map((name): readonly [string, number] => [
    name,
    repeatRows(wasm, before.columns.get(name)!, parents, rows),
  ]);
  const columns = new Map([...kept, ...result.columns]);
  const same = rows === before.rows && rows === selection.count;
  const records = same ? before.records : composeRows(wasm, before.records, parents, rows);
  return { columns, selection: { address: 0, count: rows }, rows, records };
}

function checkGiven(wasm: WasmInstance, step: CompiledInline, columns: ColumnSet): void {
  try {
    checkJson(wasm, jsonFields(step.returns), columns);
  } catch (error) {
    throw error instanceof MillraceError ? inlineFailed(step, error) : error;
  }
}

// A function is not called for no rows.
function nothing(wasm: WasmInstance, step: CompiledInline, before: RowSet): RowSet {
  if (step.what === 'filter') return before;
  const none = (field: Field): [string, number] => [field.name, plainColumn(wasm, field, [])];
  const kept = step.keeps.map((name): [string, number] => [name, before.columns.get(name)!]);
  const columns = new Map([...kept, ...step.returns.fields.map(none)]);
  return { ...before, columns };
}

function batchOf(
  wasm: WasmInstance,
  { hands }: CompiledInline,
  { columns, selection }: RowSet,
): PortableBatch {
  const mark = wasm.exports.arena_mark();
  const compact = new Map(
    hands.fields.map(({ name }) => [name, take(wasm, columns.get(name)!, selection)]),
  );
  const whole = { address: 0, count: selection.count };
  const batch = exportColumns(wasm, hands, compact, whole, { borrow: false });
  wasm.exports.arena_rewind(mark);
  return batch;
}

function masked(wasm: WasmInstance, { address, count }: Selection, mask: Uint8Array): Selection {
  const kept = mask.reduce((sum, bit) => sum + (bit === 0 ? 0 : 1), 0);
  if (kept === count) return { address, count };
  const out = wasm.arenaAlloc(kept * 4);
  let at = out / 4;
  for (let i = 0; i < count; i++) {
    if (mask[i] !== 0) wasm.u32[at++] = address === 0 ? i : wasm.u32[address / 4 + i]!;
  }
  return { address: out, count: kept };
}

// The row before the step that each row behind it is of.
function parentsOf(wasm: WasmInstance, { selection }: RowSet, rows: number): number {
  const { address, count } = selection;
  if (rows === count && address !== 0) return address;
  const parents = wasm.arenaAlloc(rows * 4);
  const first = address === 0 ? 0 : (wasm.u32[address / 4] ?? 0);
  for (let i = 0; i < rows; i++) wasm.u32[parents / 4 + i] = rows === count ? i : first;
  return parents;
}
