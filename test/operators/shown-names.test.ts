/** What plans and errors show of functions is what the documentation names. */
import { expect, test } from 'vitest';
import { type SchemaLiteral, toSchema } from '../../src/arrow/schema-literal.ts';
import { METADATA_FIELDS } from '../../src/ingest/metadata-columns.ts';
import { exprToString } from '../../src/operators/expr-text.ts';
import { foldConstants } from '../../src/operators/fold-constants.ts';
import type { FunctionExample } from '../../src/operators/functions/definition.ts';
import { OPERATORS } from '../../src/operators/functions/operators.ts';
import { FUNCTIONS } from '../../src/operators/functions/registry.ts';
import { KERNELS } from '../../src/operators/kernels/registry.ts';
import { lower } from '../../src/operators/lower.ts';
import { type Program, partsOf } from '../../src/operators/program.ts';
import { programToString } from '../../src/operators/program-text.ts';
import { expressionOf } from '../../tools/expressions/page.ts';

const ENTRIES = [...OPERATORS.flatMap(({ operators }) => operators), ...FUNCTIONS];

type Use = Pick<FunctionExample, 'code' | 'schema'>;

const TIMES = { day: 'date', time: 'time', at: 'timestamp', took: 'duration', n: 'int32' } as const;

/** Uses of kernels that the examples of the documentation leave out. */
const MORE: readonly Use[] = [
  ...[
    "col('day').add(1, 'year')",
    "col('day').sub(col('n'), 'quarter')",
    "col('at').sub(1, 'hour')",
    "col('time').add(1, 'minute')",
    "col('took').sub(2, 'week')",
    "col('took').add(col('at')).sub(duration('PT1H'))",
    "col('time').sub('PT1H')",
    "col('day').sub(col('day')).add(1)",
    "col('at').sub(col('day')).gt(duration('PT1H'))",
    "col('took').mul(2).div(col('n'))",
    "col('n').mul(col('took'))",
    "col('took').mul(0.5)",
  ].map((code) => ({ code, schema: TIMES })),
  { code: "col('tags').length()", schema: { tags: ['utf8'] } },
  { code: "col('tags').contains('a')", schema: { tags: ['utf8'] } },
  { code: "col('sizes').contains(300)", schema: { sizes: ['int8'] } },
  { code: "col('json').cast('int8')", schema: { json: 'json' } },
];

const USES: readonly Use[] = [...ENTRIES.flatMap(({ examples }) => examples), ...MORE];

/** Names of functions in a text: what stands right before a parenthesis, outside of constants. */
function namesIn(text: string): readonly string[] {
  const bare = text.replaceAll(/'(?:[^']|'')*'/g, "''");
  return [...bare.matchAll(/(\w+)\(/g)].map(([, name]) => name!);
}

/** Those of the documentation, and of types with parameters. */
const KNOWN = new Set([
  ...ENTRIES.flatMap(({ usage }) => namesIn(usage)),
  ...['decimal', 'timestamp'],
]);

function programOf({ code, schema }: Use): Program {
  const { fields } = toSchema(schema as SchemaLiteral);
  return lower(expressionOf({ code }).node, { fields: [...fields, ...METADATA_FIELDS] }).program;
}

test.for(USES.map((use) => [use.code, use] as const))('%s', ([code, use]) => {
  const shown = [exprToString(expressionOf({ code }).node), programToString(programOf(use))];
  const unknown = shown.flatMap(namesIn).filter((name) => !KNOWN.has(name));
  expect(unknown, shown.join('; ')).toEqual([]);
});

test('that is every kernel', () => {
  const used = new Set<string>();
  const visit = (program: Program) => {
    if (program.kind === 'call') used.add(program.kernel);
    partsOf(program).forEach(visit);
  };
  USES.map(programOf).forEach(visit);
  expect([...KERNELS.keys()].filter((name) => !used.has(name))).toEqual([]);
});

test('every function is named as the method that makes it', () => {
  const others = FUNCTIONS.filter(({ name, usage }) => !namesIn(usage).includes(name));
  expect(others.map(({ name }) => name)).toEqual(['case']);
});

const shownOf = (code: string, schema: Use['schema']) => [
  exprToString(expressionOf({ code }).node),
  programToString(foldConstants(programOf({ code, schema }))),
];

test('calls and operators are shown with what people wrote', () => {
  expect(shownOf("col('at').add(1, 'month')", TIMES)).toEqual([
    "add(at, 1, 'month')",
    "add(at, 1, 'month')",
  ]);
  expect(shownOf("col('at').sub(col('n'), 'day')", TIMES)).toEqual([
    "sub(at, n, 'day')",
    "sub(at, cast(n, int64), 'day')",
  ]);
  expect(shownOf("col('took').mul(2).lt(duration('P1D'))", TIMES)).toEqual([
    "(took * 2) < duration 'P1D'",
    "(took * 2) < duration 'P1D'",
  ]);
  expect(shownOf("col('at').toEpoch('ms')", TIMES)).toEqual([
    "toEpoch(at, 'ms')",
    "toEpoch(cast(at, timestamp(ms)), 'ms')",
  ]);
  expect(shownOf("header('trace')", { n: 'int32' })).toEqual([
    "header('trace')",
    "header('trace')",
  ]);
  expect(shownOf("col('j').jsonPath('$.a', { as: 'int8' })", { j: 'json' })).toEqual([
    "jsonPath(j, '$.a', { as: 'int8' })",
    "tryCast(jsonPath(j, '$.a'), int8)",
  ]);
});
