import { describe, expect, test } from 'vitest';
import type { KafkaClient, OffsetPoint, TopicPartition } from '../../src/ingest/client.ts';
import { StartPositions } from '../../src/ingest/start-positions.ts';
import type { KafkaSourcePlan, StartFrom } from '../../src/plan.ts';

const at = (partition: number): TopicPartition => ({ topic: 't', partition });

/** Logs from 10 to 90; the group's offsets are what the test says. */
function setUp(startFrom: StartFrom, options: { groupId?: string; offsetReset?: 'latest' } = {}) {
  const committed = new Map<number, bigint>();
  const asked: OffsetPoint[] = [];
  const client = {
    committed: async (_: string, partitions: readonly TopicPartition[]) =>
      partitions.map(({ partition }) => committed.get(partition)),
    listOffsets: async (partitions: readonly TopicPartition[], point: OffsetPoint) => {
      asked.push(point);
      const offset = point === 'earliest' ? 10n : point === 'latest' ? 90n : 50n;
      return partitions.map(() => offset);
    },
  } as unknown as KafkaClient;
  const plan = { startFrom, offsetReset: 'earliest', ...options } as unknown as KafkaSourcePlan;
  const positions = new StartPositions(plan, client);
  const begin = async (partitions: readonly TopicPartition[]) =>
    (await positions.of(partitions)).map(({ position }) => position);
  return { positions, begin, committed, asked };
}

describe('without a group', () => {
  test.each<[string, StartFrom, bigint]>([
    ['no offset', 'committed', 10n],
    ['the earliest', 'earliest', 10n],
    ['the latest', 'latest', 90n],
    ['a time', { timestampMs: 5 }, 50n],
    ['an offset', { offsets: [{ ...at(0), offset: 33n }] }, 33n],
    ['an offset of another', { offsets: [{ ...at(1), offset: 33n }] }, 10n],
  ])('begins where it is told: %s', async (_, startFrom, offset) => {
    const { positions, begin } = setUp(startFrom);
    await positions.prepare([at(0), at(1)]);
    expect(await begin([at(0)])).toEqual([offset]);
  });

  test('a partition that is not there is refused, a topic that may come is not', async () => {
    const { positions } = setUp({
      offsets: [
        { topic: 'later', partition: 5, offset: 3n },
        { ...at(1), offset: 33n },
      ],
    });
    await expect(positions.prepare([at(0), at(1)])).resolves.toBeUndefined();
    await expect(positions.prepare([at(0)])).rejects.toThrow(
      /^the topic "t" has no partition 1; it has only partition 0: mend startFrom$/,
    );
  });

  test('what was not there when the run began is read from its start', async () => {
    const { positions, begin } = setUp('latest');
    await positions.prepare([at(0)]);
    expect(await begin([at(0), at(1)])).toEqual([90n, 10n]);
  });
});

describe('in a group', () => {
  test('committed offsets count, and offsetReset where there are none', async () => {
    const { positions, begin, committed, asked } = setUp('committed', {
      groupId: 'g',
      offsetReset: 'latest',
    });
    committed.set(0, 42n);
    await positions.prepare([at(0), at(1), at(2)]);
    expect(await begin([at(2), at(0), at(1)])).toEqual([90n, 42n, 90n]);
    expect(asked).toEqual(['latest']);
  });

  test('startFrom goes before them, but not where somebody has read on since', async () => {
    const { positions, begin, committed } = setUp('earliest', { groupId: 'g' });
    committed.set(0, 42n).set(1, 43n);
    await positions.prepare([at(0), at(1), at(2)]);
    committed.set(1, 60n).set(2, 61n);
    expect(await begin([at(0), at(1), at(2)])).toEqual([10n, 60n, 61n]);
  });

  test('a partition that comes back goes on where the group is', async () => {
    const { positions, begin, committed } = setUp('earliest', { groupId: 'g' });
    committed.set(0, 42n);
    await positions.prepare([at(0)]);
    expect(await begin([at(0)])).toEqual([10n]);
    expect(await begin([at(0)])).toEqual([42n]);
  });

  test('an offset that was seen to be another counts, though it is the old one now', async () => {
    const { positions, begin, committed } = setUp('earliest', { groupId: 'g' });
    committed.set(0, 90n).set(1, 90n);
    await positions.prepare([at(0), at(1)]);
    positions.note([at(0), at(1)], [10n, 90n]);
    expect([at(0), at(1)].map((one) => positions.isReadOn(one))).toEqual([true, false]);
    expect(await begin([at(0), at(1)])).toEqual([90n, 10n]);
    expect(positions.isReadOn(at(1))).toBe(true);
  });

  test.each<[string, StartFrom, bigint | undefined, { offsetReset?: 'latest' }, boolean]>([
    ['the committed offset', 'committed', 42n, {}, false],
    ['none, and the earliest', 'committed', undefined, {}, false],
    ['none, and the latest', 'committed', undefined, { offsetReset: 'latest' }, true],
    ['the earliest of a new group', 'earliest', undefined, {}, false],
    ['the earliest of an old group', 'earliest', 42n, {}, true],
    ['the latest', 'latest', undefined, {}, true],
    ['the latest, which is committed', 'latest', 90n, {}, false],
    ['a time', { timestampMs: 5 }, 42n, {}, true],
  ])('what the group does not have is to be committed: %s', async (_, from, at0, more, due) => {
    const { positions, committed } = setUp(from, { groupId: 'g', ...more });
    if (at0 !== undefined) committed.set(0, at0);
    await positions.prepare([at(0)]);
    expect(await positions.of([at(0)])).toMatchObject([{ due }]);
  });
});
