import { expect, test } from 'vitest';
import { Random } from '../../../bench/data/random.ts';
import { mergeObservations } from '../../../src/ingest/infer/merge-observations.ts';
import type { Observation } from '../../../src/ingest/infer/observation.ts';
import { SchemaObserver } from '../../../src/ingest/infer/schema-observer.ts';
import { randomValue } from '../../fuzz/infer-messages.ts';

const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);

/** Members by name, and without the count of different strings, which a merge cannot know. */
function comparable(seen: Observation): unknown {
  const { text, item, members, others, ...rest } = seen;
  const named = members.map(({ name, present, seen: inner }) => {
    return [name, { present, seen: comparable(inner) }] as const;
  });
  return {
    ...rest,
    text: { ...text, distinct: undefined },
    item: item && comparable(item),
    others: others && comparable(others),
    members: Object.fromEntries(named),
  };
}

test(`observed apart and merged is as observed together (FUZZ_SEED=${SEED})`, () => {
  const random = new Random(SEED);
  for (let round = 0; round < 100; round++) {
    const write = randomValue(random, 2);
    const values = Array.from({ length: 20 }, () => write(random));
    const apart = new SchemaObserver();
    apart.observeMessages(values.map((value, i) => Buffer.from(`{"${i % 3}":${value}}`)));
    const together = new SchemaObserver();
    together.observeMessages(values.map((value) => Buffer.from(`{"0":${value}}`)));
    const merged = mergeObservations(apart.root.members.map(({ seen }) => seen));
    const [whole] = together.root.members;
    const context = `seed ${SEED}, round ${round}: ${values.join(' ')}`;
    expect(comparable(merged), context).toEqual(comparable(whole!.seen));
  }
});
