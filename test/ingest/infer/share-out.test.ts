import { expect, test } from 'vitest';
import { shareOut } from '../../../src/ingest/infer/share-out.ts';

test.each([
  [1_000, [5_000, 5_000], [500, 500]],
  [1_000, [100, 5_000, 5_000], [100, 450, 450]],
  [1_000, [0, 10, 20], [0, 10, 20]],
  [1, [5, 5, 5], [1, 0, 0]],
  [10, [3, 3, 3, 3], [3, 3, 2, 2]],
  [7, [], []],
])('%i among %j is %j', (wanted, sizes, shares) => {
  expect(shareOut(wanted, sizes)).toEqual(shares);
});
