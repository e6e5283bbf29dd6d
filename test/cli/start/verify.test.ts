import { describe, expect, it } from 'vitest';
import { orderAt, orderBatches } from '../../../src/cli/start/orders.ts';
import { Check, expectedMessage, isKept } from '../../../src/cli/start/verify.ts';

const ORDERS = 200;
const kept = Array.from({ length: ORDERS }, (_, id) => orderAt(id)).filter(isKept);
const lines = () => kept.map((order) => JSON.stringify(expectedMessage(order)));

function problemsOf(messages: readonly string[], stored = messages.length): readonly string[] {
  const check = new Check(ORDERS);
  for (const line of messages) check.take(line);
  check.close(kept.length, stored);
  return check.problems;
}

describe('the check of the main job', () => {
  it('accepts what is right, in any order', () => {
    expect(problemsOf(lines())).toEqual([]);
    expect(problemsOf(lines().reverse())).toEqual([]);
  });

  it('sees what is missing, double, wrong, unknown, or should have been dropped', () => {
    const [first, second, ...rest] = lines();
    const dropped = orderAt(
      Array.from({ length: ORDERS }, (_, id) => id).find((id) => !isKept(orderAt(id)))!,
    );
    const wrong = first!.replace('"total":', '"total":1');
    expect(problemsOf([first!, ...rest])).toContainEqual(expect.stringContaining('were expected'));
    expect(problemsOf([first!, first!, ...rest])).toContainEqual(expect.stringContaining('twice'));
    expect(problemsOf([wrong, second!, ...rest])).toContainEqual(
      expect.stringContaining('expected'),
    );
    expect(problemsOf([first!, ...rest, '{"id":100000}'])).toContainEqual(
      expect.stringContaining('not an order'),
    );
    expect(problemsOf([first!, ...rest, '{"id":'])).toContainEqual(
      expect.stringContaining('not an order'),
    );
    expect(problemsOf([first!, ...rest, JSON.stringify(expectedMessage(dropped))])).toContainEqual(
      expect.stringContaining('should have been dropped'),
    );
    expect(problemsOf(lines(), kept.length + 1)).toContainEqual(expect.stringContaining('stored'));
  });
});

describe('orderBatches', () => {
  it('makes the same orders as orderAt, in columns', () => {
    const count = 40_000;
    let id = 0;
    for (const batch of orderBatches(count)) {
      for (const row of [0, 1, batch.numRows - 1]) {
        const made = batch.get(row)!.toJSON();
        const { createdMs, ...order } = orderAt(id + row);
        expect(made).toMatchObject({ ...order, id: BigInt(order.id) });
        expect(Number(made.created)).toBe(createdMs);
      }
      id += batch.numRows;
    }
    expect(id).toBe(count);
  });
});
