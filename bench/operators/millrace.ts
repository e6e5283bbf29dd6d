/** Our own kernels on the table: columns in a worker's memory, as the decoder leaves them. */
import { toArrowSchema } from '../../src/arrow/arrow-schema.ts';
import { exportColumns, importPortable } from '../../src/arrow/batch-export.ts';
import type { Schema } from '../../src/arrow/schema.ts';
import { toSchema } from '../../src/arrow/schema-literal.ts';
import type { ColumnSet } from '../../src/arrow/selection.ts';
import { createJsonDecoder } from '../../src/ingest/codecs/json-reader.ts';
import { type CompiledSteps, compileSteps } from '../../src/operators/compile.ts';
import type { CastTarget } from '../../src/operators/expr/math.ts';
import { col } from '../../src/operators/expr.ts';
import { StepRunner } from '../../src/operators/runner.ts';
import type { Step } from '../../src/operators/step.ts';
import { take } from '../../src/operators/take.ts';
import { WasmInstance } from '../../src/wasm/instance.ts';
import { ARENA_BASE, createMemory, loadModule, PADDING } from '../../src/wasm/module.ts';
import { type TableRow, tableSchema } from '../data/table.ts';
import type { Contender } from '../measure.ts';
import { placeRecords } from '../records.ts';
import type { OperatorCase } from './case.ts';
import { outcomeOf, type Weighted } from './outcome.ts';
import { MORSEL_ROWS, rowsToMessages } from './table.ts';

// Decimals are decoded as float64, which is exact for these, and cast once; the others are casts of
// what is there.
const DECODED: Schema = toSchema(tableSchema);
const CASTS: readonly (readonly [name: string, of: string, type: CastTarget])[] = [
  ['wideP', 'p', 'decimal(30,2)'],
  ['wideQ', 'q', 'decimal(30,2)'],
  ['p', 'p', 'decimal(12,2)'],
  ['q', 'q', 'decimal(12,2)'],
  ['word', 'country', 'dictionary'],
];
const MADE = Object.entries({
  day: col('at').cast('date'),
  clock: col('at').cast('time'),
  took: col('due').sub(col('at')),
  _headers: col('headers'),
}).map(([name, { node }]) => ({ name, expr: node }));
const CAST: CompiledSteps = compileSteps(
  [
    {
      kind: 'map',
      columns: [
        ...CASTS.map(([name, of, type]) => ({ name, expr: col(of).cast(type).node })),
        ...MADE,
      ],
    },
  ],
  DECODED,
);
/** The table's columns as cases find them. */
export const CASE_SCHEMA: Schema = CAST.output;
// A row is about 620 bytes as JSON and a little more in columns; a case needs a few bytes a row.
const BYTES_PER_ROW = 1536;
const LEASE_BYTES = 64 * 1024 * 1024;

interface Morsel {
  readonly columns: ColumnSet;
  readonly count: number;
}

/** The table in a worker's memory, cut into morsels. */
export interface MorselTable {
  readonly wasm: WasmInstance;
  readonly morsels: readonly Morsel[];
  /** Where the lease goes on behind the columns. */
  readonly mark: number;
}

/** Decodes the rows, morsel by morsel. */
export function rowsToMorsels(rows: readonly TableRow[]): MorselTable {
  const bytes = ARENA_BASE + rows.length * BYTES_PER_ROW + LEASE_BYTES;
  const wasm = new WasmInstance(loadModule(), createMemory(bytes));
  wasm.exports.arena_open(ARENA_BASE, wasm.u8.length - PADDING);
  const columns = DECODED.fields.map(({ name }) => name);
  const options = { schema: DECODED, columns, validate: 'full', unknown: 'error' } as const;
  const decoder = createJsonDecoder(wasm, options);
  const caster = new StepRunner(wasm, CAST);
  const morsels: Morsel[] = [];
  for (let from = 0; from < rows.length; from += MORSEL_ROWS) {
    const part = rows.slice(from, from + MORSEL_ROWS);
    const decoded = decoder.decode(placeRecords(wasm, rowsToMessages(part), 0, part.length));
    if (decoded.rejectCount > 0) throw new Error(decoded.rejects[0]!.reason);
    const { columns: made } = caster.run(decoded.columns, decoded.selection);
    morsels.push({ columns: new Map(made), count: part.length });
  }
  return { wasm, morsels, mark: wasm.exports.arena_mark() };
}

function stepsOf({ expr, gives, made }: OperatorCase): Step[] {
  const select = (value: typeof expr): Step => ({
    kind: 'select',
    columns: [
      { name: 'value', expr: value.node },
      { name: 'w', expr: col('w').node },
    ],
  });
  if (gives !== 'rows') return [...(made === undefined ? [] : [made.step]), select(expr)];
  return [{ kind: 'filter', predicate: expr.node }, select(col('a'))];
}

/** Millrace in a case: one new column a morsel, or the kept rows of two, compacted. */
export function millrace(
  { wasm, morsels, mark }: MorselTable,
  definition: OperatorCase,
): Contender {
  const compiled = compileSteps(stepsOf(definition), CASE_SCHEMA);
  const runner = new StepRunner(wasm, compiled);
  const once = ({ columns, count }: Morsel) => {
    wasm.exports.arena_rewind(mark);
    const result = runner.run(columns, { address: 0, count });
    if (definition.gives !== 'rows' && definition.made === undefined) return result;
    const { selection } = result;
    const taken = [...result.columns].map(
      ([name, column]) => [name, take(wasm, column, selection)] as const,
    );
    return {
      ...result,
      columns: new Map(taken),
      selection: { address: 0, count: selection.count },
    };
  };
  return {
    engine: 'millrace',
    run() {
      for (const morsel of morsels) once(morsel);
    },
    result: () => outcomeOf(morsels.flatMap((morsel) => read(wasm, compiled, once(morsel)))),
  };
}

function read(
  wasm: WasmInstance,
  { output }: CompiledSteps,
  { columns, selection }: ReturnType<StepRunner['run']>,
): Weighted[] {
  const taken = [...columns].map(
    ([name, column]) => [name, take(wasm, column, selection)] as const,
  );
  const all = { address: 0, count: selection.count };
  const portable = exportColumns(wasm, output, new Map(taken), all, { borrow: false });
  const batch = importPortable(portable, toArrowSchema(output));
  const values = batch.getChild('value')!;
  const weights = batch.getChild('w')!;
  const { type } = output.fields[0]!;
  const scale = type.kind === 'decimal' ? 10 ** type.scale : 1;
  return Array.from({ length: all.count }, (_, row): Weighted => {
    const value: unknown = values.get(row);
    const plain = type.kind === 'decimal' ? cents(value as Uint32Array) / scale : value;
    return [plain, Number(weights.get(row))];
  });
}

// The table's decimals are small and not negative.
function cents(words: Uint32Array): number {
  return words[0]! + words[1]! * 2 ** 32;
}
