/** Schemas as deep as they may be, through everything that goes down a type; and deeper ones. */
import { Field as ArrowField, Schema as ArrowSchema, Int32, List, Struct } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { toArrowSchema } from '../../src/arrow/arrow-schema.ts';
import { exportColumns, importPortable } from '../../src/arrow/batch-export.ts';
import { MAX_SCHEMA_DEPTH } from '../../src/arrow/schema.ts';
import { schemaFromArrowJson } from '../../src/arrow/schema-from-arrow-json.ts';
import {
  type FieldLiteral,
  map,
  nullable,
  type SchemaInput,
  toSchema,
} from '../../src/arrow/schema-literal.ts';
import { schemaToString } from '../../src/arrow/schema-text.ts';
import { schemaToArrowJson } from '../../src/arrow/schema-to-arrow-json.ts';
import { schemaToLiteral } from '../../src/arrow/schema-to-literal.ts';
import { schemaToTypeScript } from '../../src/arrow/schema-to-typescript.ts';
import { MillraceError } from '../../src/errors.ts';
import { coalesce, col, type Expr, Stream, struct, when } from '../../src/index.ts';
import { compileSteps } from '../../src/operators/compile.ts';
import { StepRunner } from '../../src/operators/runner.ts';
import type { Step } from '../../src/operators/step.ts';
import { getterOf } from '../../src/rows/getter.ts';
import { valueWriter } from '../../src/rows/value-writer.ts';
import { RowDecoder } from '../ingest/codecs/decode-rows.ts';
import { encodeRows } from '../ingest/codecs/encode-rows.ts';
import { valuesOf } from '../operators/run-expr.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';

/** A level around a type, and around its JSON. */
const LEVELS = {
  lists: [(inner) => nullable([inner]), (inner) => `[${inner}]`],
  structs: [(inner) => nullable({ m: inner }), (inner) => `{"m":${inner}}`],
  maps: [(inner) => nullable(map(inner)), (inner) => `{"key":${inner}}`],
} satisfies Record<string, [(inner: FieldLiteral) => FieldLiteral, (inner: string) => string]>;
type Shape = keyof typeof LEVELS | 'mixed';
const SHAPES: readonly Shape[] = ['lists', 'structs', 'maps', 'mixed'];
const KINDS = ['lists', 'structs', 'maps'] as const;

const levelOf = (shape: Shape, level: number) =>
  LEVELS[shape === 'mixed' ? KINDS[level % 3]! : shape];

/** `depth` levels in all: the column and those around a number. */
function typeOf(shape: Shape, depth: number): FieldLiteral {
  let type: FieldLiteral = 'dictionary?';
  for (let level = 1; level < depth; level++) type = levelOf(shape, level)[0](type);
  return type;
}
function textOf(shape: Shape, depth: number, inner: string): string {
  let text = inner;
  for (let level = 1; level < depth; level++) text = levelOf(shape, level)[1](text);
  return text;
}

describe.each(SHAPES)('%s of the greatest depth', (shape) => {
  const literal = {
    flag: 'bool',
    a: typeOf(shape, MAX_SCHEMA_DEPTH),
    b: typeOf(shape, MAX_SCHEMA_DEPTH),
  };
  const schema = toSchema(literal as SchemaInput);
  const deep = (inner: string) => textOf(shape, MAX_SCHEMA_DEPTH, inner);

  test('are decoded, chosen from, compared, made distinct and encoded', () => {
    const decoder = new RowDecoder(schema, { megabytes: 64 });
    const row = (flag: boolean, a: string, b: string) => `{"flag":${flag},"a":${a},"b":${b}}`;
    const messages = [
      row(true, deep('"x"'), deep('"y"')),
      row(false, deep('"x"'), deep('null')),
      row(true, 'null', deep('"z"')),
      row(true, deep('"x"'), deep('"y"')),
    ];
    const { decoded } = decoder.decode(messages);
    expect(decoded.rejects).toEqual([]);
    const steps: Step[] = [
      { kind: 'distinct', columns: ['flag', 'a', 'b'] },
      {
        kind: 'select',
        columns: [
          { name: 'chosen', expr: when(col('flag'), col('a')).otherwise(col('b')).node },
          { name: 'first', expr: coalesce(col('a'), col('b')).node },
          { name: 'same', expr: col('a').eq(col('b')).node },
          { name: 'less', expr: col('a').lt(col('b')).node },
        ],
      },
    ];
    const compiled = structuredClone(compileSteps(steps, schema));
    const { columns, selection } = new StepRunner(decoder.wasm, compiled).run(
      decoded.columns,
      decoded.selection,
    );
    expect(selection.count).toBe(3);
    const texts = encodeRows(decoder.wasm, compiled.output, messages.length, columns);
    const made = (chosen: string, first: string, rest: string) =>
      `{"chosen":${chosen},"first":${first},${rest}}`;
    expect(texts.slice(0, 3)).toEqual([
      made(deep('"x"'), deep('"x"'), '"same":false,"less":true'),
      made(deep('null'), deep('"x"'), '"same":false,"less":true'),
      made('null', deep('"z"'), '"same":null,"less":null'),
    ]);
    const portable = exportColumns(decoder.wasm, schema, decoded.columns, decoded.selection, {
      borrow: false,
    });
    const batch = importPortable(portable, toArrowSchema(schema));
    const values = getterOf(batch.data.children[1]!, schema.fields[1]!.type)(0);
    const outer = { flag: true, a: values, b: values };
    expect(valueWriter(schema)(outer)).toBe(row(true, deep('"x"'), deep('"x"')));
  });

  test('are written in every form and read again', () => {
    const text = schemaToString(schema);
    expect(schemaToString(toSchema(toArrowSchema(schema)))).toBe(text);
    const json = JSON.stringify(schemaToArrowJson(schema));
    expect(schemaToString(toSchema(schemaFromArrowJson(json)))).toBe(text);
    expect(schemaToLiteral(schema)).toContain('dictionary');
    expect(schemaToTypeScript(schema, 'Row')).toContain('string | null');
    const stream = Stream.fromKafka({
      brokers: ['a:1'],
      topic: 't',
      schema: toArrowSchema(schema),
    });
    expect(stream.filter(col('a').isNotNull()).toKafka({ topic: 'u' }).explain()).toContain(
      'filter',
    );
  });
});

function refusal(make: () => unknown): MillraceError {
  try {
    make();
  } catch (error) {
    if (error instanceof MillraceError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe.each([MAX_SCHEMA_DEPTH + 1, 1_000, 10_000])('%s levels', (depth) => {
  test.each(SHAPES)('of %s are refused as a literal', (shape) => {
    const { code, message } = refusal(() => toSchema({ a: typeOf(shape, depth) } as SchemaInput));
    expect(code).toBe('INVALID_SCHEMA');
    expect(message).toContain('nest at most 256');
  });

  test("are refused as Arrow's JSON", () => {
    const list = '{"name":"a","nullable":true,"type":{"name":"list"},"children":[';
    const inner = '{"name":"a","nullable":true,"type":{"name":"bool"},"children":[]}';
    const json = `${list.repeat(depth - 1)}${inner}${']}'.repeat(depth - 1)}`;
    const { code, message } = refusal(() => schemaFromArrowJson(`{"fields":[${json}]}`));
    expect(code).toBe('INVALID_SCHEMA');
    expect(message).toContain('nest at most 256');
  });

  test('are refused as structs that an expression builds', () => {
    const stream = Stream.fromKafka({ brokers: ['a:1'], topic: 't', schema: { a: 'int32' } });
    const { code } = refusal(() => {
      let value = col('a');
      for (let level = 1; level < depth; level++) value = struct({ m: value });
      return stream.select({ value });
    });
    expect(code).toBe('TYPE_MISMATCH');
  });
});

// Of many more levels apache-arrow makes no schema itself.
test.each(['lists', 'structs'] as const)('Arrow schemas of %s are refused, too', (shape) => {
  for (const depth of [MAX_SCHEMA_DEPTH + 1, 1_000]) {
    let type: Int32 | List | Struct = new Int32();
    for (let level = 1; level < depth; level++) {
      const inner: ArrowField = new ArrowField('m', type, true);
      type = shape === 'lists' ? new List(inner) : new Struct([inner]);
    }
    const schema = new ArrowSchema([new ArrowField('a', type, true)]);
    const { code, message } = refusal(() => toSchema(schema));
    expect(code).toBe('INVALID_SCHEMA');
    expect(message).toContain('nest at most 256');
  }
});

test('structs that steps build around one another end at the same depth', () => {
  const deep = () => {
    let stream = Stream.fromKafka({ brokers: ['a:1'], topic: 't', schema: { a: 'int32' } });
    for (let step = 0; step < 10; step++) {
      let value = col('a');
      for (let level = 0; level < 50; level++) value = struct({ m: value });
      stream = stream.select({ a: value }) as typeof stream;
    }
    return stream;
  };
  expect(refusal(deep).message).toContain('nest at most 256');
});

test('json of a million levels is copied and searched, and refused as an object to send', () => {
  const wasm = makeInstance({ megabytes: 64 });
  const text = `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`;
  const value = (expr: Expr) => {
    openArena(wasm);
    return valuesOf(wasm, expr, { j: ['json', [text]] })[0];
  };
  expect(value(col('j').cast('utf8'))).toBe(text);
  expect(value(col('j').jsonPath('$[0][0]', { as: 'utf8' }))).toBe(text.slice(2, -2));
  expect(value(col('j').jsonPath('$.a.b'))).toBe(null);
  const write = valueWriter(toSchema({ j: 'json' }));
  expect(refusal(() => write({ j: JSON.parse(text) })).code).toBe('INVALID_OPTION');
});

test('a type that is nullable many times over is nullable', () => {
  let type: FieldLiteral = 'utf8';
  for (let i = 0; i < 20_000; i++) type = nullable(type);
  expect(schemaToString(toSchema({ a: type } as SchemaInput))).toBe('a utf8?');
});
