import { expect, test } from 'vitest';
import { rangeAssignor } from '../../../src/ingest/assignors/range.ts';
import { counts, member, sharesOf } from './group.ts';

function shares(members: Record<string, string[]>, topics: Record<string, number>) {
  const list = Object.entries(members).map(([id, names]) => member(id, names));
  return sharesOf(rangeAssignor.assign(list, counts(topics)));
}

test('gives the first members one more where the number does not divide', () => {
  expect(shares({ c: ['t'], a: ['t'], b: ['t'] }, { t: 5 })).toEqual({
    a: ['t0', 't1'],
    b: ['t2', 't3'],
    c: ['t4'],
  });
});

test('shares each topic among its own subscribers', () => {
  expect(shares({ a: ['t', 'u'], b: ['u'] }, { t: 2, u: 3 })).toEqual({
    a: ['t0', 't1', 'u0', 'u1'],
    b: ['u2'],
  });
});

test('leaves members without a partition where there are too few', () => {
  expect(shares({ a: ['t'], b: ['t'] }, { t: 1 })).toEqual({ a: ['t0'], b: [] });
});

test('a topic without subscribers goes to nobody', () => {
  expect(shares({ a: [] }, { t: 3 })).toEqual({ a: [] });
});

test('keeps the order of static members, whatever their member ids', () => {
  const list = [
    member('z', ['t'], { instanceId: 'one' }),
    member('a', ['t'], { instanceId: 'two' }),
    member('b', ['t']),
  ];
  expect(sharesOf(rangeAssignor.assign(list, counts({ t: 3 })))).toEqual({
    z: ['t0'],
    a: ['t1'],
    b: ['t2'],
  });
});
