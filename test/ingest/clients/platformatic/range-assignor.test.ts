import { expect, test } from 'vitest';
import { rangeAssignor } from '../../../../src/ingest/clients/platformatic/range-assignor.ts';

function shares(members: Record<string, string[]>, counts: Record<string, number>) {
  const list = Object.entries(members).map(([memberId, topics]) => ({ memberId, topics }));
  const assigned = rangeAssignor.assign(list, new Map(Object.entries(counts)));
  return Object.fromEntries(
    [...assigned].map(([id, parts]) => [id, parts.map((p) => `${p.topic}${p.partition}`)]),
  );
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
