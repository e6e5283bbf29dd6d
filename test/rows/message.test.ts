import { tableFromArrays } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { messageOf } from '../../src/rows/message.ts';
import { createPublisher } from '../../src/rows/publisher.ts';
import type { MessageOptions } from '../../src/rows/record.ts';
import { type RowSinkOptions, readRowSink } from '../../src/rows/row-sink-options.ts';
import { FakeTopic } from './fake-topic.ts';

function made(value: unknown, options: object = {}, sink: Partial<RowSinkOptions<never>> = {}) {
  return messageOf(readRowSink({ topic: 't', ...sink }), value, options as MessageOptions);
}

const refused = (text: RegExp) =>
  expect.objectContaining({
    code: 'INVALID_OPTION',
    message: expect.stringMatching(text),
  });

describe('the time of a message', () => {
  it.each([
    [1_700_000_000_000, 1_700_000_000_000],
    [1_700_000_000_000n, 1_700_000_000_000],
    [new Date(5), 5],
    [5.9, 5],
    [0, 0],
  ])('%s', (timestamp, expected) => {
    expect(made({}, { timestamp }).timestampMs).toBe(expected);
  });

  it('a date that is none is told so', () => {
    const text = /^the timestamp of the message is the date that is invalid; give milliseconds/;
    expect(() => made({}, { timestamp: new Date(Number.NaN) })).toThrow(refused(text));
    const before = /is the date 1969-12-31T23:59:59.999Z; give/;
    expect(() => made({}, { timestamp: new Date(-1) })).toThrow(refused(before));
  });

  it.each([undefined, -1, -1n])('%s is none: now', (timestamp) => {
    const before = Date.now();
    expect(made({}, { timestamp }).timestampMs).toBeGreaterThanOrEqual(before);
  });

  it.each([null, '', '1700000000000', true, -2, 2n ** 60n, Number.NaN, new Date('x'), [5], {}])(
    '%o is none that it could have',
    (timestamp) => {
      const text = /^the timestamp of the message is .*; give milliseconds since the epoch, or a D/;
      expect(() => made({}, { timestamp })).toThrow(refused(text));
    },
  );
});

describe('headers of a message', () => {
  const texts = (headers: unknown) =>
    made({}, { headers }).headers.map(({ key, value }) => [String(key), value && String(value)]);

  it('may be an object, a Map or a list', () => {
    const expected = [
      ['a', 'x'],
      ['b', null],
    ];
    expect(texts({ a: 'x', b: null })).toEqual(expected);
    expect(texts(new Map([...Object.entries({ a: Buffer.from('x'), b: null })]))).toEqual(expected);
    const list = [
      { key: 'a', value: 'x' },
      { key: 'b', value: null },
    ];
    expect(texts(list)).toEqual(expected);
    expect(texts(Object.assign(Object.create(null), { a: 'x' }))).toEqual([['a', 'x']]);
  });

  it.each([null, 'abc', 5, new Set(['a']), Buffer.from('ab'), new URLSearchParams('a=b')])(
    '%o are none',
    (headers) => {
      const text = /^the headers of the message is .*; give an object or a Map of names to values/;
      expect(() => made({}, { headers })).toThrow(refused(text));
    },
  );

  it.each([[[null]], [['a']], [[['a', 'b']]]])('%o has an entry that is none', (headers) => {
    expect(() => made({}, { headers })).toThrow(refused(/^the header of .*give { key, value }/));
  });

  it.each([{ a: 1 }, { a: undefined }, { a: ['x', 'y'] }, new Map([['a', true]])])(
    '%o has a value that is none',
    (headers) => {
      const text = /^the header a of the message is .*; give a string, bytes or null/;
      expect(() => made({}, { headers })).toThrow(refused(text));
    },
  );

  it('a Map has texts as its keys', () => {
    const headers = new Map([[1, 'a']]);
    expect(() => made({}, { headers })).toThrow(refused(/^the header key of the message is 1/));
  });
});

describe('with tombstones', () => {
  const text = (value: unknown, sink: Partial<RowSinkOptions<never>> = {}) =>
    made(value, {}, { tombstones: true, ...sink }).value?.toString() ?? null;

  it('a value whose fields are all null is one, as of a record batch', () => {
    expect(text({ id: null, name: undefined })).toBeNull();
    expect(text({ id: null, name: '' })).toBe('{"id":null,"name":""}');
    expect(made({ id: null }).value).not.toBeNull();
    const written = { cache: null, toJSON: () => ({ id: 1 }) };
    expect(text(written)).toBe('{"id":1}');
    for (const other of [{}, [], [null]]) expect(text(other)).toBe(JSON.stringify(other));
  });

  it('the key and the fields that a schema leaves out do not count', () => {
    const left = { key: 'id', keyInValue: false };
    expect(text({ id: 'k', name: null }, left)).toBeNull();
    const schema = { id: 'utf8', name: 'utf8?' } as const;
    expect(text({ id: 'k' }, { ...left, schema })).toBeNull();
    expect(text({ id: 'k' }, { schema })).toBe('{"id":"k","name":null}');
  });
});

describe('what is no value is not stored as one', () => {
  const table = tableFromArrays({ id: Int32Array.of(1, 2) });

  it.each<[string, unknown, RegExp]>([
    ['a table', table, /is a table of Arrow, .*sendBatch\(batch\), or publish\(batch\)/],
    ['a record batch', table.batches[0], /is a record batch, .*sendBatch\(batch\)/],
    ['a vector', table.getChild('id'), /is a vector of Arrow, /],
    ['a promise', Promise.resolve({ id: 1 }), /is a promise; await it/],
    ['a buffer', Buffer.from('{}'), /is bytes, .*codec: 'bytes'/],
    ['numbers', Float64Array.of(1), /is bytes, /],
    ['a buffer of memory', new ArrayBuffer(2), /is bytes, /],
    ['a map', new Map([['a', 1]]), /is a Map, .*Object.fromEntries\(map\)/],
    ['a set', new Set([1]), /is a Set, .*\[...set\]/],
  ])('%s', (_, value, text) => {
    expect(() => made(value)).toThrow(refused(text));
  });

  it.each(['string', 'bytes'] as const)('nor under the codec %s', (codec) => {
    expect(() => made(Promise.resolve('x'), {}, { codec })).toThrow(refused(/is a promise/));
    expect(() => made(table, {}, { codec })).toThrow(refused(/is a table of Arrow/));
  });

  it('others are written as JSON writes them', () => {
    class Point {
      readonly x = 1;
    }
    expect(String(made(new Point()).value)).toBe('{"x":1}');
    expect(String(made(new Date(0)).value)).toBe('"1970-01-01T00:00:00.000Z"');
    expect(String(made(Object.assign(Object.create(null), { a: [1] })).value)).toBe('{"a":[1]}');
  });

  it('a publisher takes no table, and no options with a record batch', async () => {
    const topic = new FakeTopic(1);
    const io = { client: topic.client };
    await using publisher = createPublisher('p', { destination: 'kafka://topic/a' }, io);
    await expect(publisher.publish(table)).rejects.toThrow(/a table of Arrow/);
    const publish = publisher.publish as (...given: unknown[]) => Promise<unknown>;
    const [batch] = table.batches;
    await expect(publish(batch, { key: 'k' })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringMatching(/^rows take no options, such as { key: 'k' }; .*option key/),
    });
    expect(topic.messages).toEqual([]);
    await publish(batch, {});
    expect(topic.values(0)).toEqual([{ id: 1 }, { id: 2 }]);
  });
});
