import { expect, test } from 'vitest';
import { coalesce, col, type Expr, map, nullable, Stream, struct } from '../../src/index.ts';
import { engineFor, values } from '../morsel/engine-harness.ts';

const SCHEMA = {
  n: 'int32',
  st: nullable({ a: 'utf8', b: { c: 'utf8', d: ['int64'] } }),
  big: [{ p: 'utf8', q: 'float64', r: { s: 'utf8', t: 'int32' } }],
  m: map({ u: 'utf8', v: 'int32' }),
} as const;

const lines = (validate: 'projected' | 'full') =>
  Stream.fromKafka({ topic: 'lines', schema: SCHEMA, validate });
type Lines = ReturnType<typeof lines>;

const ROWS = [
  '{"n":1,"st":{"a":"x","b":{"c":"y","d":[1]}},"big":[{"p":"p","q":1.5,"r":{"s":"s","t":7}}],' +
    '"m":{"k":{"u":"U","v":1},"l":{"u":"W","v":2}}}',
  '{"n":2,"st":null,"big":[],"m":{}}',
];

const [st, big, m] = [col('st'), col('big'), col('m')];
const item = big.get(1);
const c = st.field('b').field('c');

/** A stream, and what is decoded for it. */
const READ: readonly (readonly [decodes: string, expr: Expr])[] = [
  ['big [{q float64}]', big.length()],
  ['st {b {d [int64]}}', st.field('b').field('d').length()],
  ['st {a utf8}', st.isNull()],
  ['big [{p utf8}]', item.field('p')],
  ['big [{r {s utf8}}]', item.field('r').field('s').concat('!')],
  ['big [{r {t int32}}]', item.field('r').isNotNull()],
  ['m map({u utf8})', m.get('l').field('u')],
  ['m map({v int32})', m.keys()],
  ['m map({v int32})', m.values().get(-1).field('v')],
  ['m map({v int32})', m.length()],
  ['st {b {c utf8}}', struct({ x: st, y: big }).field('x').field('b').field('c')],
  ['st {b {c utf8}}, big [{p utf8}]', coalesce(c, item.field('p'))],
  ['st {a utf8}', struct({ x: st.field('a'), y: col('n') }).field('x')],
  ['n, m map({v int32})', struct({ n: col('n'), m }).isNull()],
];

async function both(of: (stream: Lines) => Stream<object, object>) {
  const results = (['projected', 'full'] as const).map((validate) => {
    const { run, outputs } = engineFor(of(lines(validate)).toKafka({ topic: 'out' }).plan);
    return outputs(run([values(...ROWS)]));
  });
  const texts = (await Promise.all(results)).map((all) => all.map(({ value }) => value).sort());
  return { pruned: texts[0]!, whole: texts[1]! };
}

const decodesOf = (stream: { explain(): string }) => /decodes (.*) \(/.exec(stream.explain())![1]!;

test.for(READ)('decodes %s', async ([decodes, expr]) => {
  const of = (stream: Lines) => stream.select({ r: expr }) as unknown as Stream<object, object>;
  expect(decodesOf(of(lines('projected')))).toBe(decodes);
  const { pruned, whole } = await both(of);
  expect(pruned).toEqual(whole);
  expect(whole).toHaveLength(2);
});

test('members are followed through columns, lists and maps of later steps', async () => {
  const made = (stream: Lines) =>
    stream
      .map({ s: struct({ st, big, n: col('n') }) })
      .select({ c: col('s').field('st').field('b').field('c'), n: col('s').field('n') });
  expect(decodesOf(made(lines('projected')))).toBe('n, st {b {c utf8}}');
  const unnested = (stream: Lines) =>
    stream.unnest('m').select({ key: col('key'), v: col('value').field('v') });
  expect(decodesOf(unnested(lines('projected')))).toBe('m map({v int32})');
  for (const of of [made, unnested]) {
    const { pruned, whole } = await both(of as (stream: Lines) => Stream<object, object>);
    expect(pruned).toEqual(whole);
  }
  expect((await both(unnested as never)).whole).toEqual(['{"key":"k","v":1}', '{"key":"l","v":2}']);
});

test('a function on the main thread is given whole columns', () => {
  const shown = lines('projected').filter((batch) => Array(batch.numRows).fill(true));
  expect(decodesOf(shown.select({ c }))).toBe('n, st, big, m');
});
