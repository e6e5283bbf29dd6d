/** Runs one user function on columns of plain values, on this thread. */
import { type FieldLiteral, toSchema } from '../../../src/arrow/schema-literal.ts';
import { compileSteps } from '../../../src/operators/compile.ts';
import { col, type Operand, toNode } from '../../../src/operators/expr.ts';
import { StepRunner } from '../../../src/operators/runner.ts';
import type { LoadedFunction, UdfHost } from '../../../src/operators/udf/host.ts';
import { plainColumn } from '../../../src/operators/udf/plain-column.ts';
import { type UdfOptions, udf } from '../../../src/operators/udf/udf.ts';
import { openVector } from '../../../src/operators/udf/vector.ts';
import { readColumn } from '../../../src/wasm/column.ts';
import type { WasmInstance } from '../../../src/wasm/instance.ts';
import { makeSelection } from '../check-expr.ts';

export const MODULE = new URL('file:///functions.ts');

/** A column of an input. */
export interface Input {
  readonly type: FieldLiteral;
  readonly values: readonly unknown[];
}

/** What a run is told; types of arguments default to those of the columns. */
export interface UdfRun {
  readonly f: unknown;
  readonly inputs?: readonly Input[];
  readonly rows?: readonly number[];
  readonly operands?: readonly Operand[];
  readonly options: Partial<UdfOptions> & { readonly returns: FieldLiteral };
  readonly skipped?: boolean;
}

/** What came out. */
export interface UdfResult {
  /** Values of the selected rows. */
  readonly values: unknown[];
  /** Rows that the function was told of, call by call, as the host saw them. */
  readonly calls: number;
  readonly errors: number;
  readonly nullable: boolean;
}

/** Runs `f` of all inputs, or of `operands` over columns `a`, `b`, … */
export function runUdf(wasm: WasmInstance, run: UdfRun): UdfResult {
  const { inputs = [], options, rows } = run;
  const names = inputs.map((_, i) => String.fromCharCode(97 + i));
  const schema = toSchema(
    inputs.length === 0
      ? { none: 'int32' }
      : Object.fromEntries(inputs.map(({ type }, i) => [names[i]!, type])),
  );
  const columns = new Map(
    inputs.map(({ values }, i) => [names[i]!, plainColumn(wasm, schema.fields[i]!, values)]),
  );
  const length = inputs[0]?.values.length ?? 4;
  const call = udf(MODULE, 'f', { args: inputs.map(({ type }) => type), ...options });
  const operands = run.operands ?? names.map((name) => col(name));
  const step = {
    kind: 'select',
    columns: [{ name: 'result', expr: toNode(call(...operands)) }],
  } as const;
  const compiled = compileSteps([step], schema);
  const host = new TestHost(run.f as LoadedFunction, run.skipped ?? false);
  const runner = new StepRunner(wasm, compiled, { udfs: host });
  const selection = makeSelection(wasm, rows, length);
  const result = runner.run(columns, selection).columns.get('result')!;
  const { nullable, type } = compiled.output.fields[0]!;
  const { constant } = readColumn(wasm, result);
  const vector = openVector(wasm, type, result, constant ? { length: 1 } : {});
  const chosen = rows ?? Array.from({ length }, (_, row) => row);
  const values = chosen.map((row) => vector.get(constant ? 0 : row));
  return { values, calls: host.calls, errors: host.errors, nullable };
}

class TestHost implements UdfHost {
  calls = 0;
  errors = 0;
  readonly copies = false;
  readonly #f: LoadedFunction;
  readonly #skipped: boolean;

  constructor(f: LoadedFunction, skipped: boolean) {
    this.#f = f;
    this.#skipped = skipped;
  }

  functionOf(): LoadedFunction {
    return (...args) => {
      this.calls += 1;
      return this.#f(...args);
    };
  }

  isSkipped(): boolean {
    return this.#skipped;
  }

  enter(): void {}

  leave(): void {}

  countErrors(rows: number): void {
    this.errors += rows;
  }
}
