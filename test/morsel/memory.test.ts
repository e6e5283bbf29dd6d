import { describe, expect, it } from 'vitest';
import { type Lease, LeaseAllocator, MemoryBudget } from '../../src/morsel/memory.ts';
import { ARENA_BASE } from '../../src/wasm/module.ts';
import { Chance } from '../sim/virtual-clock.ts';

const MEBIBYTE = 1024 * 1024;

function allocator(limitBytes: number, memoryBytes = ARENA_BASE + 8 * MEBIBYTE) {
  let freed = 0;
  const budget = new MemoryBudget(limitBytes, () => {
    freed += 1;
  });
  return { budget, leases: new LeaseAllocator(memoryBytes, budget), freed: () => freed };
}

describe('MemoryBudget and LeaseAllocator', () => {
  it('gives out no more than the budget, and wakes who waits when bytes come back', () => {
    const { budget, leases, freed } = allocator(2 * MEBIBYTE);
    const first = leases.take(MEBIBYTE)!;
    expect(leases.take(MEBIBYTE)).toBeDefined();
    expect(leases.take(1)).toBeUndefined();
    expect(budget.usedBytes).toBe(2 * MEBIBYTE);
    first.release();
    expect(freed()).toBe(1);
    expect(leases.take(MEBIBYTE)).toBeDefined();
    expect(budget.peakBytes).toBe(2 * MEBIBYTE);
  });

  it('lets a lease above the budget run alone', () => {
    const { leases } = allocator(MEBIBYTE);
    const large = leases.take(4 * MEBIBYTE)!;
    expect(large.byteLength).toBe(4 * MEBIBYTE);
    expect(leases.take(64)).toBeUndefined();
    large.release();
    expect(leases.take(64)).toBeDefined();
  });

  it('gives back what is not kept, and the rest with the last holder', () => {
    const { budget, leases } = allocator(4 * MEBIBYTE);
    const lease = leases.take(MEBIBYTE)!;
    const begin = lease.address + 1_000;
    lease.keep(begin, begin + 100);
    expect(lease.byteLength).toBeLessThanOrEqual(192);
    expect(lease.address).toBeLessThanOrEqual(begin);
    expect(lease.address + lease.byteLength).toBeGreaterThanOrEqual(begin + 100);
    lease.retain(2);
    lease.release();
    lease.release();
    expect(budget.usedBytes).toBe(lease.byteLength);
    lease.release();
    expect(budget.usedBytes).toBe(0);
    expect(() => lease.release()).toThrow('given back');
  });

  it('keeps nothing of an empty range', () => {
    const { budget, leases } = allocator(4 * MEBIBYTE);
    const lease = leases.take(1024)!;
    lease.keep(lease.address, lease.address);
    expect(budget.usedBytes).toBe(0);
    lease.release();
    expect(budget.usedBytes).toBe(0);
  });

  it('never gives the same byte twice, and loses none (seeded)', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const chance = new Chance(seed);
      const { budget, leases } = allocator(64 * MEBIBYTE);
      const out: Lease[] = [];
      for (let i = 0; i < 400; i++) {
        if (out.length > 0 && chance.happens(0.5)) {
          const [lease] = out.splice(chance.between(0, out.length - 1), 1);
          if (chance.happens(0.5)) {
            const from = lease!.address + chance.between(0, lease!.byteLength);
            lease!.keep(from, Math.min(from + 64, lease!.address + lease!.byteLength));
            if (lease!.byteLength > 0) out.push(lease!);
            else lease!.release();
          } else lease!.release();
        } else {
          const lease = leases.take(chance.between(1, MEBIBYTE));
          if (lease !== undefined) out.push(lease);
        }
        const sorted = out.toSorted((a, b) => a.address - b.address);
        for (const [j, lease] of sorted.entries()) {
          const next = sorted[j + 1];
          if (next !== undefined) {
            expect(lease.address + lease.byteLength, `seed ${seed}`).toBeLessThanOrEqual(
              next.address,
            );
          }
        }
      }
      for (const lease of out) lease.release();
      expect(budget.usedBytes, `seed ${seed}`).toBe(0);
      expect(leases.take(leases.capacityBytes), `seed ${seed}`).toBeDefined();
    }
  });
});
