import { expect, test } from 'vitest';
import { toSchema } from '../../src/arrow/schema-literal.ts';
import * as branches from '../../src/operators/expr/when.ts';
import * as language from '../../src/operators/expr.ts';
import type { FunctionExample } from '../../src/operators/functions/definition.ts';
import { FUNCTIONS } from '../../src/operators/functions/registry.ts';
import { typeOf } from '../../src/operators/lower.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';
import { fromJson, jsonText } from './json-value.ts';
import { valuesOf } from './run-expr.ts';

const wasm = makeInstance({ megabytes: 32 });

/** What an example gives, as JSON text. */
function run({ code, schema, row }: FunctionExample): string {
  const names = { ...language, ...branches };
  const evaluate = new Function(...Object.keys(names), `return ${code}`);
  const expr = evaluate(...Object.values(names)) as language.Expr;
  const parsed = toSchema(schema as Parameters<typeof toSchema>[0]);
  const json = (typeof row === 'string' ? JSON.parse(row) : row) as Record<string, unknown>;
  const columns = Object.fromEntries(
    parsed.fields.map(({ name, type }) => [name, [type, [fromJson(json[name], type)]] as const]),
  );
  openArena(wasm);
  wasm.exports.state_reset();
  const { type } = typeOf(expr.node, parsed);
  return jsonText(valuesOf(wasm, expr, columns)[0]!, type);
}

const EXAMPLES = FUNCTIONS.flatMap(({ name, examples }) =>
  examples.map((example) => [name, example] as const),
);

test.for(EXAMPLES)('the example of %s gives what it says', ([, example]) => {
  expect(run(example), example.code).toBe(example.gives);
});

test('each function is there once, and has an example', () => {
  const names = FUNCTIONS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const bare = FUNCTIONS.filter(({ examples }) => examples.length === 0);
  // Headers are not columns of a row.
  expect(bare.map(({ name }) => name).filter((name) => name !== 'header')).toEqual([]);
});
