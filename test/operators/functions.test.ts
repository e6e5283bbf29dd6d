/** Every operator and function is documented, and its examples give what they say. */
import { expect, test } from 'vitest';
import { type SchemaLiteral, toSchema } from '../../src/arrow/schema-literal.ts';
import { createJsonDecoder } from '../../src/ingest/codecs/json-reader.ts';
import { METADATA_FIELDS } from '../../src/ingest/metadata-columns.ts';
import { compileSteps } from '../../src/operators/compile.ts';
import { Expr } from '../../src/operators/expr.ts';
import type { FunctionExample } from '../../src/operators/functions/definition.ts';
import { OPERATORS } from '../../src/operators/functions/operators.ts';
import { FUNCTIONS } from '../../src/operators/functions/registry.ts';
import { StepRunner } from '../../src/operators/runner.ts';
import { take } from '../../src/operators/take.ts';
import { expressionOf } from '../../tools/expressions/page.ts';
import { encodeRows } from '../ingest/codecs/encode-rows.ts';
import { makeInstance, makeRecords, openArena, utf8Values } from '../wasm/harness.ts';
import { makeColumn } from './make-column.ts';

const wasm = makeInstance({ megabytes: 32 });
const ENTRIES = [...OPERATORS.flatMap(({ operators }) => operators), ...FUNCTIONS];

const HEADERS = METADATA_FIELDS.find(({ name }) => name === '_headers')!;

function headersColumn(headers: Readonly<Record<string, string>>): number {
  const list = Object.entries(headers).map(([key, text]) => ({ key, value: Buffer.from(text) }));
  return makeColumn(wasm, HEADERS.type, [list]);
}

/** What an example gives of its row, decoded from JSON, as the JSON text that is written. */
function run(example: FunctionExample): string {
  const { schema, row, headers } = example;
  const input = toSchema(schema as SchemaLiteral);
  openArena(wasm);
  wasm.exports.state_reset();
  const decoder = createJsonDecoder(wasm, {
    schema: input,
    columns: input.fields.map(({ name }) => name),
    validate: 'projected',
    unknown: 'error',
  });
  const message = typeof row === 'string' ? row : JSON.stringify(row);
  const decoded = decoder.decode(makeRecords(wasm, utf8Values([message])));
  expect(decoded.selection.count, `${message} fits its schema`).toBe(1);
  const step = {
    kind: 'select',
    columns: [{ name: 'result', expr: expressionOf(example).node }],
  } as const;
  const fields = headers === undefined ? input.fields : [...input.fields, HEADERS];
  const compiled = compileSteps([step], { fields });
  const all = { address: 0, count: 1 };
  const columns = new Map(decoded.columns);
  if (headers !== undefined) columns.set(HEADERS.name, headersColumn(headers));
  const result = new StepRunner(wasm, compiled).run(columns, all);
  const column = take(wasm, result.columns.get('result')!, result.selection);
  const [text] = encodeRows(wasm, compiled.output, 1, new Map([['result', column]]));
  return text!.slice('{"result":'.length, -1);
}

const EXAMPLES = ENTRIES.flatMap(({ examples }) =>
  examples.map(
    (example) => [`${example.code} of ${JSON.stringify(example.row)}`, example] as const,
  ),
);

test.for(EXAMPLES)('%s', ([, example]) => {
  expect(run(example), example.code).toBe(example.gives);
});

test('every entry is there once, and has an example', () => {
  const usages = ENTRIES.map(({ usage }) => usage);
  expect(usages).toEqual([...new Set(usages)]);
  const bare = ENTRIES.filter(({ examples }) => examples.length === 0);
  expect(bare.map(({ name }) => name)).toEqual([]);
});

/** What `millrace` exports that is no method. */
const FREE = [
  'col',
  'lit',
  'duration',
  'coalesce',
  'concat',
  'case',
  'least',
  'greatest',
  'struct',
  'header',
];
/** Of the machinery. */
const INNER = ['constructor', 'derive', 'call', 'unary', 'binary'];

test('every method of an expression has an entry, and every entry is one', () => {
  const methods = new Set<string>();
  for (let at: object = Expr.prototype; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) methods.add(name);
  }
  for (const name of INNER) methods.delete(name);
  const documented = new Set(ENTRIES.map(({ name }) => name));
  const all = new Set([...methods, ...FREE]);
  expect([...documented].filter((name) => !all.has(name))).toEqual([]);
  const missing = [...all].filter((name) => !documented.has(name));
  expect(missing).toEqual([]);
});
