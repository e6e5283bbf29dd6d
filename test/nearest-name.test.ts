import { expect, test } from 'vitest';
import { nearestName } from '../src/nearest-name.ts';

test.each([
  ['int46', 'int64'],
  ['partitons', 'partitions'],
  ['TOPIC', 'topic'],
  ['xyz', 'int32'],
])('%s is nearest to %s', (name, nearest) => {
  expect(nearestName(name, ['int32', 'int64', 'topic', 'partitions'])).toBe(nearest);
});
