import { expect, test } from 'vitest';
import { OwnedPartitions } from '../../../../src/ingest/clients/group/owned-partitions.ts';

const of = (...partitions: number[]) => partitions.map((partition) => ({ topic: 't', partition }));

test('what an assignment brings and takes, without what stays', () => {
  const owned = new OwnedPartitions();
  expect(owned.compare(of(0, 1))).toEqual({ added: of(0, 1), revoked: [] });
  owned.add(of(0, 1), 1);
  expect(owned.compare(of(1, 2))).toEqual({ added: of(2), revoked: of(0) });
  expect(owned.compare([{ topic: 'u', partition: 0 }]).revoked).toEqual(of(0, 1));
});

test('since when a partition has been owned counts anew after a break', () => {
  const owned = new OwnedPartitions();
  owned.add(of(0, 1), 3);
  expect(owned.haveBeenSince(of(0, 1), 3)).toBe(true);
  expect(owned.haveBeenSince(of(0, 1), 7)).toBe(true);
  expect(owned.haveBeenSince(of(0, 1), 2)).toBe(false);
  owned.remove(of(1));
  expect(owned.haveBeenSince(of(1), 9)).toBe(false);
  owned.add(of(1), 5);
  expect(owned.haveBeenSince(of(0, 1), 4)).toBe(false);
  expect(owned.haveBeenSince(of(0), 4)).toBe(true);
  expect(owned.clear()).toEqual(of(0, 1));
  expect(owned.size).toBe(0);
});
