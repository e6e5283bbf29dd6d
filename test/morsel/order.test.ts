import { describe, expect, it } from 'vitest';
import { PartitionOrder } from '../../src/morsel/order.ts';

describe('PartitionOrder', () => {
  it('lets morsels leave in the order in which they entered', () => {
    const order = new PartitionOrder<string>();
    const tickets = [order.enter(), order.enter(), order.enter()];
    expect(order.finish(tickets[2]!, 'c')).toEqual([]);
    expect(order.finish(tickets[0]!, 'a')).toEqual(['a']);
    expect(order.waiting).toBe(2);
    expect(order.finish(tickets[1]!, 'b')).toEqual(['b', 'c']);
    expect(order.waiting).toBe(0);
  });

  it('goes on counting behind those that left', () => {
    const order = new PartitionOrder<number>();
    for (let i = 0; i < 1_000; i++) {
      const [first, second] = [order.enter(), order.enter()];
      expect(order.finish(second, i)).toEqual([]);
      expect(order.finish(first, -i)).toEqual([-i, i]);
    }
  });

  it('refuses a ticket that is unknown or was used', () => {
    const order = new PartitionOrder<string>();
    order.enter();
    const second = order.enter();
    order.finish(second, 'b');
    expect(() => order.finish(second, 'b')).toThrow(RangeError);
    expect(() => order.finish(7, 'x')).toThrow(RangeError);
  });
});
