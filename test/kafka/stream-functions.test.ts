/** Functions of the user's own in Kafka pipelines: nothing is lost where one of them fails. */
import { describe, expect, test } from 'vitest';
import { col, MillraceError, Stream, udf } from '../../src/index.ts';
import { createTopic, sharedBrokers, uniqueName } from './cluster.ts';
import { committedOffsets, range, readAll, writeMessages } from './pipeline-harness.ts';

const MODULE = new URL('./functions.ts', import.meta.url);
const COUNT = 3_000;
const FIRST_TIMESTAMP_MS = 1_700_000_000_000;

const source = (topic: string, groupId: string) => ({
  brokers: sharedBrokers(),
  topic,
  groupId,
  until: 'latest' as const,
  schema: { id: 'int64', name: 'utf8' } as const,
  batch: { maxRows: 500 },
  workers: 2,
});

async function orders(partitions = 1): Promise<string> {
  const topic = await createTopic('functions-in', { partitions });
  const messages = range(COUNT).map((id) => ({
    key: `key-${id}`,
    partition: id % partitions,
    value: JSON.stringify({ id, name: `n${id}` }),
    timestamp: String(FIRST_TIMESTAMP_MS + id),
    headers: { trace: `t${id}` },
  }));
  // Small record batches: a morsel is a run of them.
  await writeMessages(topic, messages, { perRequest: 100 });
  return topic;
}

const harm = udf(MODULE, 'harmAt', {
  args: ['int64', 'int64', 'utf8'],
  returns: 'int64',
  mode: 'row',
  timeoutMs: 2_000,
});
const twice = udf(MODULE, 'twice', { args: ['int64'], returns: 'int64' });

describe.each([
  ['throw', 'EVALUATION_FAILED'],
  ['exit', 'WORKER_DIED'],
  ['loop', 'UDF_TIMEOUT'],
])('a function that fails by %s in the middle', (how, code) => {
  test('names where; all before is written and committed, and nothing is lost', async () => {
    const input = await orders();
    const output = await createTopic('functions-out', { partitions: 2 });
    const group = uniqueName('functions');
    const poison = 1_777;
    const pipe = (at: number) =>
      Stream.fromKafka(source(input, group))
        .map({ id: harm(col('id'), BigInt(at), how), double: twice(col('id')) })
        .toKafka({ topic: output, key: '_key', headers: '_headers' });
    const failing = await pipe(poison).run();
    const error: unknown = await failing.closed.then(
      () => undefined,
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(MillraceError);
    expect(error).toMatchObject({ code, context: { topic: input, partition: 0 } });
    expect((error as MillraceError).message).toContain(`${input}-0`);
    const [committed] = await committedOffsets(group, input);
    expect(committed).toBeLessThanOrEqual(BigInt(poison));
    // A row that throws is cut out by itself; else it is the morsel.
    expect(committed).toBeGreaterThan(how === 'throw' ? BigInt(poison - 1) : 500n);
    const before = await readAll(output);
    expect(before.map(({ value }) => JSON.parse(String(value)).id).sort(ascending)).toEqual(
      range(Number(committed)),
    );
    // As mended: it goes on where it was.
    await (await pipe(-1).run()).closed;
    const all = await readAll(output);
    expect(all).toHaveLength(COUNT);
    for (const { key, value, headers, timestampMs } of all) {
      const { id, double } = JSON.parse(String(value)) as { id: number; double: number };
      expect(double).toBe(2 * id);
      expect(String(key)).toBe(`key-${id}`);
      expect(String(headers.trace)).toBe(`t${id}`);
      expect(timestampMs).toBe(FIRST_TIMESTAMP_MS + id);
    }
    expect(await committedOffsets(group, input)).toEqual([BigInt(COUNT)]);
  });
});

const ascending = (a: number, b: number) => a - b;

describe.each(['throw', 'exit', 'loop', 'leak'])(
  'a function that fails by %s in one of three partitions',
  (how) => {
    const nullable = udf(MODULE, 'harmAt', {
      args: ['int64', 'int64', 'utf8'],
      returns: 'int64?',
      mode: 'row',
      timeoutMs: how === 'leak' ? 60_000 : 2_000,
      onError: 'null',
    });
    const poison = 1_777;
    const of = (all: Awaited<ReturnType<typeof readAll>>, partition: number) =>
      all
        .map(({ value }) => JSON.parse(String(value)) as { id: number; harmed: number | null })
        .filter(({ id }) => id % 3 === partition);
    const own = (partition: number) => range(COUNT).filter((id) => id % 3 === partition);
    const to = (topic: string) =>
      ({ topic, partitioner: { partitionColumn: '_partition' } }) as const;

    test("is null there under onError: 'null'; all partitions come out in order", async () => {
      const input = await orders(3);
      const output = await createTopic('functions-out', { partitions: 3 });
      const group = uniqueName('functions');
      const run = await Stream.fromKafka(source(input, group))
        .map({ harmed: nullable(col('id'), BigInt(poison), how) })
        .toKafka(to(output))
        .run();
      const stats = await run.closed;
      const all = await readAll(output);
      expect(all).toHaveLength(COUNT);
      const nulls: number[] = [];
      for (const partition of [0, 1, 2]) {
        const rows = of(all, partition);
        expect(rows.map(({ id }) => id)).toEqual(own(partition));
        for (const { id, harmed } of rows) {
          if (harmed === null) nulls.push(id);
          else expect(harmed).toBe(id);
        }
      }
      expect(nulls).toContain(poison);
      // Its morsel alone, which is of one partition; of a row that throws that row alone.
      expect(new Set(nulls.map((id) => id % 3))).toEqual(new Set([poison % 3]));
      expect(nulls.length).toBeLessThanOrEqual(how === 'throw' ? 1 : 500);
      expect(stats).toMatchObject({ messagesIn: COUNT, functionErrors: nulls.length });
      expect(await committedOffsets(group, input)).toEqual([1_000n, 1_000n, 1_000n]);
    }, 90_000);

    test('ends the run; what came out of all partitions is what was committed', async () => {
      const input = await orders(3);
      const output = await createTopic('functions-out', { partitions: 3 });
      const group = uniqueName('functions');
      const pipe = (at: number) =>
        Stream.fromKafka(source(input, group))
          .map({ harmed: harm(col('id'), BigInt(at), how) })
          .toKafka(to(output));
      const failing = await pipe(poison).run();
      await expect(failing.closed).rejects.toMatchObject({ context: { partition: poison % 3 } });
      const committed = await committedOffsets(group, input);
      const before = await readAll(output);
      for (const partition of [0, 1, 2]) {
        const ids = of(before, partition).map(({ id }) => id);
        expect(ids).toEqual(own(partition).slice(0, Number(committed[partition] ?? 0n)));
      }
      await (await pipe(-1).run()).closed;
      const all = await readAll(output);
      for (const partition of [0, 1, 2]) {
        expect(of(all, partition).map(({ id }) => id)).toEqual(own(partition));
      }
    }, 90_000);
  },
);

describe('functions of batches', () => {
  test('keep key, headers and time of each message on its way to Kafka', async () => {
    const input = await orders(3);
    const output = await createTopic('inline-out', { partitions: 2 });
    const group = uniqueName('inline');
    const shown: bigint[] = [];
    const run = await Stream.fromKafka(source(input, group))
      .filter(col('id').mod(3).ne(1))
      .map(
        async (batch) => {
          const id = batch.getChild('id')!.toArray() as BigInt64Array;
          shown.push(...id);
          return { id, shout: [...batch.getChild('name')!].map((name) => `${name}!`) };
        },
        { schema: { id: 'int64', shout: 'utf8' } },
      )
      .filter((batch) => [...batch.getChild('id')!].map((id) => id! % 2n === 0n))
      .map({ offset: col('_offset') })
      .toKafka({ topic: output, key: '_key', headers: '_headers' })
      .run();
    const stats = await run.closed;
    const expected = range(COUNT).filter((id) => id % 3 !== 1 && id % 2 === 0);
    expect(stats).toMatchObject({ messagesIn: COUNT, messagesOut: expected.length });
    const all = await readAll(output);
    const ids: number[] = [];
    for (const { key, value, headers, timestampMs } of all) {
      const { id, shout, offset } = JSON.parse(String(value));
      ids.push(id);
      expect(shout).toBe(`n${id}!`);
      expect(offset).toBe(Math.floor(id / 3));
      expect(String(key)).toBe(`key-${id}`);
      expect(String(headers.trace)).toBe(`t${id}`);
      expect(timestampMs).toBe(FIRST_TIMESTAMP_MS + id);
    }
    expect(ids.sort(ascending)).toEqual(expected);
    // Each partition in order, each message once.
    for (const partition of [0, 2]) {
      expect(shown.map(Number).filter((id) => id % 3 === partition)).toEqual(
        range(COUNT).filter((id) => id % 3 === partition),
      );
    }
    expect(await committedOffsets(group, input)).toEqual([1_000n, 1_000n, 1_000n]);
  });

  test('that fail lose nothing, also where they change the number of rows', async () => {
    const input = await orders();
    const output = await createTopic('inline-out', { partitions: 1 });
    const group = uniqueName('inline');
    const pipe = (poison: bigint) =>
      Stream.fromKafka(source(input, group))
        .map(function halves(batch) {
          const ids = batch.getChild('id')!.toArray() as BigInt64Array;
          if (ids.includes(poison)) throw new Error('poison');
          return {
            id: ids.filter((id) => id % 2n === 0n),
            name: [...ids.filter((id) => id % 2n === 0n)].map(String),
          };
        })
        .toKafka({ topic: output });
    const failing = await pipe(2_000n).run();
    const error: unknown = await failing.closed.then(
      () => undefined,
      (reason) => reason,
    );
    expect(error).toMatchObject({ code: 'CONSUMER_FAILED', context: { step: 'map(halves)' } });
    const [committed] = await committedOffsets(group, input);
    expect(committed).toBeLessThanOrEqual(2_000n);
    await (await pipe(-1n).run()).closed;
    const all = await readAll(output);
    const ids = all.map(({ value }) => JSON.parse(String(value)).id as number);
    expect(ids).toEqual(range(COUNT / 2).map((i) => 2 * i));
    expect(await committedOffsets(group, input)).toEqual([BigInt(COUNT)]);
  });
});
