import { expect, test } from 'vitest';
import { Stream } from '../../src/index.ts';
import { type KafkaSourceOptions, readKafkaSource } from '../../src/stream/source-options.ts';

const read = (options: object) =>
  readKafkaSource({ codec: 'string', ...options } as KafkaSourceOptions);
const P0 = { topic: 'orders', partition: 0 };

test('names and regular expressions are read apart; several become one', () => {
  const { source } = read({ topics: ['a', /^b-\d$/i, 'a'] });
  expect(source.topics).toEqual(['a']);
  expect(source.pattern).toEqual(/^b-\d$/i);
  expect(read({ topics: [/b/, /c|d/] }).source).toMatchObject({
    topics: [],
    pattern: /(?:b)|(?:c|d)/,
  });
  expect(Object.isFrozen(source.pattern)).toBe(true);
});

test('partitions stand for their topics', () => {
  const partitions = [P0, { topic: 'orders', partition: 3 }];
  expect(read({ partitions, groupId: 'g' }).source).toMatchObject({
    ...{ topics: ['orders'], partitions, groupId: 'g' },
  });
});

test.each([
  ['committed', 'committed'],
  ['latest', 'latest'],
  [{ timestamp: new Date(5) }, { timestampMs: 5 }],
  [{ timestamp: 7 }, { timestampMs: 7 }],
])('startFrom %o', (startFrom, wanted) => {
  expect(read({ topic: 't', groupId: 'g', startFrom }).source.startFrom).toEqual(wanted);
});

test.each<[string, object, RegExp]>([
  ['a topic that is not read', { topic: 'order' }, /'orders' is not read; did you mean 'order'\?/],
  ['one far from it', { topics: ['a', 'b'] }, /'orders' is not read; name it in topics$/],
  ['one that no pattern matches', { topics: [/^a/] }, /'orders' is not read; name it/],
  [
    'a partition that is not read',
    { partitions: [{ topic: 'orders', partition: 1 }] },
    /orders-0 is not among partitions; name it there/,
  ],
])('startFrom takes no offset of %s', (_, topics, message) => {
  const startFrom = { offsets: [{ ...P0, offset: 17n }] };
  expect(() => read({ ...topics, startFrom })).toThrow(message);
});

test.each([{ topics: ['a', 'orders'] }, { topics: [/^ord/] }, { partitions: [P0] }])(
  'startFrom takes an offset of what is read: %o',
  (topics) => {
    const startFrom = { offsets: [{ ...P0, offset: 17n }] };
    expect(read({ ...topics, startFrom }).source.startFrom).toEqual(startFrom);
  },
);

test('startFrom takes offsets', () => {
  const startFrom = { offsets: [{ ...P0, offset: 17n }] };
  expect(read({ topic: 'orders', startFrom }).source.startFrom).toEqual(startFrom);
});

test('a group is classic and cooperative unless said; functions come beside the plan', () => {
  const onAssign = () => undefined;
  const { source, hooks } = read({
    ...{ topic: 't', groupId: 'g', autoCommit: false, onAssign },
    group: { protocol: 'consumer', instanceId: 'one' },
  });
  expect(source.group).toMatchObject({ protocol: 'consumer', instanceId: 'one' });
  expect(source.autoCommit).toBe(false);
  expect(source).not.toHaveProperty('onAssign');
  expect(hooks).toEqual({ onAssign });
  expect(read({ topic: 't' }).source.group.assignors).toEqual(['cooperative-sticky']);
});

const topic = { topic: 't' };

test.each<[string, object, string, string]>([
  ['two ways to name topics', { ...topic, partitions: [P0] }, 'partitions', 'topic or partitions'],
  ['no partition', { partitions: [] }, 'partitions', 'give a list such as'],
  ['a negative one', { partitions: [{ topic: 'a', partition: -1 }] }, 'partitions', 'give a list'],
  ['one twice', { partitions: [P0, P0] }, 'partitions', 'names orders-0 twice'],
  ['a group of partitions', { partitions: [P0], group: {} }, 'group', 'no group is joined'],
  ['a stateful expression', { topics: [/a/g] }, 'topics', 'no flags but'],
  ['flags that differ', { topics: [/a/, /b/i] }, 'topics', 'the same flags'],
  ['references', { topics: [/(a)\1/, /b/] }, 'topics', 'cannot refer back'],
  ['no group to commit to', { ...topic, startFrom: 'committed' }, 'startFrom', 'give the groupId'],
  ['another start', { ...topic, startFrom: 'now' }, 'startFrom', "give 'committed', 'earliest'"],
  ['two starts', { ...topic, startFrom: { timestamp: 1, offsets: [] } }, 'startFrom', "'earliest'"],
  ['no time', { ...topic, startFrom: { timestamp: new Date('x') } }, 'startFrom', 'give a Date'],
  ['a number', { ...topic, startFrom: { offsets: [{ ...P0, offset: 1 }] } }, 'startFrom', '17n'],
  ['no assignor', { ...topic, group: { assignors: ['sticky'] } }, 'assignors', "'range'"],
  [
    'an assignor for the broker',
    { ...topic, group: { protocol: 'consumer', assignors: ['range'] } },
    'assignors',
    'the broker assigns',
  ],
  ['no function', { ...topic, onRevoke: 5 }, 'onRevoke', 'give a function'],
  ['no boolean', { ...topic, autoCommit: 1 }, 'autoCommit', 'true or false'],
])('%s: refused by the name of the option', (_, options, option, text) => {
  expect(() => read(options)).toThrow(
    expect.objectContaining({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(text),
      context: { option },
    }),
  );
});

test('explain() says what is read, from where, and how the group shares it', () => {
  const explain = (options: object) =>
    Stream.fromKafka({ codec: 'string', ...options } as { codec: 'string' }).explain();
  expect(explain({ topics: ['a', /b.*/], startFrom: 'latest' })).toContain('kafka a, /b.*/ at');
  const manual = explain({ partitions: [P0], groupId: 'g', autoCommit: false });
  expect(manual).toContain('kafka partitions orders-0 at');
  expect(manual).toContain('group g, not joined, commit by hand');
  const timed = explain({ topic: 't', startFrom: { timestamp: 0 } });
  expect(timed).toContain('from 1970-01-01T00:00:00.000Z, until forever');
  expect(timed).toContain('no group: offsets are not committed');
  const named = explain({ topic: 'orders', startFrom: { offsets: [{ ...P0, offset: 9n }] } });
  expect(named).toContain('from orders-0 at 9, else from earliest');
  const modern = { protocol: 'consumer', instanceId: 'i' };
  expect(explain({ topic: 't', groupId: 'g', group: modern })).toContain(
    'group g, protocol consumer, instance i, commit every 1000 ms',
  );
});

test('a topic that a pattern reads and that is written is refused', () => {
  const stream = Stream.fromKafka({ codec: 'string', topics: [/orders.*/] });
  expect(() => stream.toKafka({ topic: 'orders-out', codec: 'string' })).toThrow(
    expect.objectContaining({ code: 'INVALID_PLAN' }),
  );
});
