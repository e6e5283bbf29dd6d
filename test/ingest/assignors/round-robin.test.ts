import { expect, test } from 'vitest';
import { roundRobinAssignor } from '../../../src/ingest/assignors/round-robin.ts';
import { counts, member, sharesOf } from './group.ts';

test('deals the partitions of all topics to the members in turn', () => {
  const members = [member('b', ['t', 'u']), member('a', ['t', 'u'])];
  expect(sharesOf(roundRobinAssignor.assign(members, counts({ u: 2, t: 3 })))).toEqual({
    a: ['t0', 't2', 'u1'],
    b: ['t1', 'u0'],
  });
});

// The example in the documentation of Java's RoundRobinAssignor.
test('skips members that do not read a topic', () => {
  const members = [member('c0', ['a']), member('c1', ['a', 'b']), member('c2', ['a', 'b', 'c'])];
  expect(sharesOf(roundRobinAssignor.assign(members, counts({ a: 1, b: 2, c: 3 })))).toEqual({
    c0: ['a0'],
    c1: ['b0'],
    c2: ['b1', 'c0', 'c1', 'c2'],
  });
});
