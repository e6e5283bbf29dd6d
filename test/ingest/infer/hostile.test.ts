import { describe, expect, test } from 'vitest';
import { toSchema } from '../../../src/arrow/schema-literal.ts';
import { inferSchema } from '../../../src/index.ts';
import { RowDecoder } from '../codecs/decode-rows.ts';

const nested = (depth: number, open: string, close: string, inner = '1') =>
  open.repeat(depth) + inner + close.repeat(depth);

const typesOf = async (messages: string[]) =>
  Object.fromEntries(
    (await inferSchema(messages)).schema.fields.map(({ name, type }) => [name, `${type}`]),
  );

describe('depth', () => {
  test('down to 32 levels, every one has its type', async () => {
    const message = `{"a":${nested(31, '[', ']')}}`;
    const { schema, notes } = await inferSchema([message]);
    expect(notes).toEqual([]);
    const { decoded } = new RowDecoder(toSchema(schema)).decode([message]);
    expect(decoded.rejectCount).toBe(0);
  });

  test.each([
    ['arrays', '[', ']'],
    ['objects', '{"a":', '}'],
  ])('%s beyond that are json', async (_, open, close) => {
    for (const depth of [32, 33, 500, 1_000_000]) {
      const { notes } = await inferSchema([`{"a":${nested(depth, open, close)},"b":1}`]);
      expect(notes.map(({ kind, message }) => `${kind}: ${message}`)).toEqual([
        'guess: nested too deep: read as json',
      ]);
    }
  });

  test('deeper than the reader goes a message is refused, as is what never closes', async () => {
    const messages = [
      `{"a":${nested(2 ** 20, '[', ']')}}`,
      `{"a":${'['.repeat(100_000)}`,
      '{"b":1}',
    ];
    const { rejected, rejects, sampled } = await inferSchema(messages);
    expect([sampled, rejected]).toEqual([1, 2]);
    expect(rejects[0]!.reason).toContain('nested deeper than 1,048,576 levels');
  });
});

describe('breadth', () => {
  const keys = (count: number, prefix = 'k') =>
    Array.from({ length: count }, (_, i) => `"${prefix}${i}":${i}`).join(',');

  test('of 100,000 columns the first 4,096 are kept, and the rest is told', async () => {
    const message = `{${keys(100_000)}}`;
    const { schema, notes } = await inferSchema([message, message]);
    expect(schema.fields).toHaveLength(4_096);
    expect(notes).toEqual([
      { kind: 'omitted', column: '', message: '191,808 values of members beyond 4096' },
    ]);
  });

  test('100,000 keys of one type are a map, of several json', async () => {
    const mixed = `{"a":{${keys(100_000)}},"b":{${keys(100_000)},"x":"y"}}`;
    const inferred = await inferSchema([mixed]);
    expect(inferred.toLiteral()).toBe("{\n  a: map('int64'),\n  b: 'json',\n}");
  });

  test('more paths than inference keeps apart are json, and hold up no other column', async () => {
    const deep = Array.from({ length: 200 }, (_, i) => `"k${i}":{${keys(200)}}`).join(',');
    const types = await typesOf([`{"first":1,"wide":{${deep}},"last":"x"}`]);
    expect(types).toEqual({ first: 'Int64', wide: 'Utf8', last: 'Utf8' });
  });

  test('names longer than 256 bytes are left out', async () => {
    const long = 'n'.repeat(257);
    const { schema, notes } = await inferSchema([`{"${long}":1,"a":2,"${long.slice(1)}":3}`]);
    expect(schema.fields.map(({ name }) => name)).toEqual(['a', long.slice(1)]);
    const message = '1 value of members whose names have more than 256 bytes';
    expect(notes).toEqual([{ kind: 'omitted', column: '', message }]);
  });

  test('one long name makes neither a map nor json of a struct', async () => {
    const long = 'n'.repeat(257);
    const [plain, odd] = [`{"s":{"w":1,"h":2},"m":{"id":1,"ok":true}}`, `"${long}":1}`];
    const messages = [plain, plain.replaceAll('}', `,${odd}`).replace(/,"n+":1}$/, '}')];
    const { schema, notes } = await inferSchema(messages);
    const reader = new RowDecoder(toSchema(schema)).decode(messages);
    expect(reader.decoded.rejectCount).toBe(0);
    expect(schema.fields.map(({ type }) => `${type}`)).toEqual([
      'Struct<{w:Int64, h:Int64}>',
      'Struct<{id:Int64, ok:Bool}>',
    ]);
    const message = '1 value of members whose names have more than 256 bytes';
    expect(notes).toEqual([
      { kind: 'omitted', column: 's', message },
      { kind: 'omitted', column: 'm', message },
    ]);
  });

  test('a map has the values of long keys, which do not count as different keys', async () => {
    const long = 'n'.repeat(257);
    const { schema, notes } = await inferSchema([`{"m":{"1":1,"2":2,"${long}":0.5}}`]);
    expect(`${schema.fields[0]!.type}`).toContain('Float64');
    expect(notes.map(({ message }) => message)).toEqual([
      'all 2 keys look like data: read as a map',
    ]);
  });
});

describe('length', () => {
  test('a message of 10 MB is looked at like any other', async () => {
    const text = JSON.stringify({ a: 'x'.repeat(10_000_000), b: 1 });
    const { sampled, schema } = await inferSchema([text, '{"a":"y"}']);
    expect(sampled).toBe(2);
    expect(schema.fields.map(({ nullable }) => nullable)).toEqual([false, true]);
  });

  test('one that has no room is told and counts for nothing', async () => {
    const huge = Buffer.alloc(60_000_000, ' ');
    huge.write('{"a":1}');
    const { sampled, rejected, rejects } = await inferSchema(['{"a":1}', huge]);
    expect([sampled, rejected]).toEqual([1, 1]);
    expect(rejects).toEqual([
      { message: 'message 1', index: 1, reason: '60000000 bytes are more than inference looks at' },
    ]);
  });

  test('bytes that are no UTF-8 are refused as the reader refuses them', async () => {
    const bad = Buffer.from('{"a":"\xff"}', 'latin1');
    const { rejects } = await inferSchema(['{"a":"x"}', bad]);
    const reason = expect.stringContaining('invalid UTF-8');
    expect(rejects).toEqual([{ message: 'message 1', index: 1, reason }]);
  });
});
