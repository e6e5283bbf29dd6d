import { describe, expect, it } from 'vitest';
import { EpochLedger } from '../../src/morsel/epoch.ts';

const at = (nextOffset: bigint, partition = 0) => ({ topic: 't', partition, nextOffset });

describe('EpochLedger', () => {
  it('commits behind the longest run of durable morsels only', () => {
    const ledger = new EpochLedger();
    ledger.open('t', 0, 0n);
    const [a, b, c] = [ledger.begin(at(10n)), ledger.begin(at(20n)), ledger.begin(at(30n))];
    for (const id of [a, b, c]) ledger.release(id, 2);
    ledger.acknowledge(b);
    ledger.acknowledge(b);
    ledger.acknowledge(c);
    expect(ledger.due()).toEqual([]);
    ledger.acknowledge(a);
    expect(ledger.due()).toEqual([]);
    ledger.acknowledge(a);
    expect(ledger.due()).toEqual([{ topic: 't', partition: 0, offset: 20n, generation: 1 }]);
    ledger.acknowledge(c);
    expect(ledger.due()).toEqual([{ topic: 't', partition: 0, offset: 30n, generation: 1 }]);
    expect(ledger.inFlight()).toBe(0);
  });

  it('takes a morsel without outputs as durable, but only in its turn', () => {
    const ledger = new EpochLedger();
    ledger.open('t', 0, 0n);
    const [a, b] = [ledger.begin(at(10n)), ledger.begin(at(20n))];
    ledger.release(b, 0);
    expect(ledger.due()).toEqual([]);
    ledger.release(a, 0);
    expect(ledger.due()).toEqual([{ topic: 't', partition: 0, offset: 20n, generation: 1 }]);
  });

  it('does not commit twice', () => {
    const ledger = new EpochLedger();
    ledger.open('t', 0, 5n);
    expect(ledger.due()).toEqual([]);
    ledger.release(ledger.begin(at(10n)), 0);
    ledger.noteCommitted(ledger.due());
    expect(ledger.due()).toEqual([]);
  });

  it('commits where a partition was sent, even back, and takes no older commit for it', () => {
    const ledger = new EpochLedger();
    ledger.open('t', 0, 0n);
    const inFlight = ledger.begin(at(20n));
    ledger.release(ledger.begin(at(30n)), 0);
    ledger.release(inFlight, 1);
    ledger.acknowledge(inFlight);
    const older = ledger.due();
    ledger.open('t', 0, 5n, true);
    const back = { topic: 't', partition: 0, offset: 5n, generation: 2 };
    expect(ledger.due()).toEqual([back]);
    ledger.noteCommitted(older);
    expect(ledger.due()).toEqual([back]);
    ledger.noteCommitted([back]);
    expect(ledger.due()).toEqual([]);
    ledger.release(ledger.begin(at(7n)), 0);
    expect(ledger.due()).toEqual([{ ...back, offset: 7n }]);
    expect(ledger.durable('t', 0)).toEqual({ ...back, offset: 7n });
    expect(ledger.durable('t', 1)).toBeUndefined();
  });

  it('takes a commit beyond what is durable for that, too, and one before it not', () => {
    const ledger = new EpochLedger();
    ledger.open('t', 0, 0n);
    ledger.release(ledger.begin(at(10n)), 0);
    const [due] = ledger.due();
    ledger.noteCommitted([{ ...due!, offset: 9n }]);
    expect(ledger.due()).toEqual([due]);
    ledger.noteCommitted([{ ...due!, offset: 12n }]);
    expect(ledger.due()).toEqual([]);
  });

  it('forgets a closed partition: what still comes in for it changes nothing', () => {
    const ledger = new EpochLedger();
    ledger.open('t', 0, 0n);
    ledger.open('t', 1, 0n);
    const gone = ledger.begin(at(10n, 0));
    const kept = ledger.begin(at(10n, 1));
    ledger.close('t', 0);
    expect(ledger.inFlight()).toBe(1);
    ledger.release(gone, 1);
    ledger.acknowledge(gone);
    ledger.release(kept, 0);
    expect(ledger.due()).toEqual([{ topic: 't', partition: 1, offset: 10n, generation: 2 }]);
    ledger.open('t', 0, 0n);
    ledger.acknowledge(gone);
    expect(ledger.due()).toHaveLength(1);
  });

  it('commits a part of a morsel where only a part was used', () => {
    const ledger = new EpochLedger();
    ledger.open('t', 0, 0n);
    ledger.release(ledger.begin(at(100n)), 0, 42n);
    expect(ledger.due()).toEqual([{ topic: 't', partition: 0, offset: 42n, generation: 1 }]);
  });

  it('refuses what cannot be', () => {
    const ledger = new EpochLedger();
    expect(() => ledger.begin(at(1n))).toThrow('not open');
    ledger.open('t', 0, 0n);
    const id = ledger.begin(at(1n));
    expect(() => ledger.acknowledge(id)).toThrow(RangeError);
    ledger.release(id, 1);
    expect(() => ledger.release(id, 1)).toThrow(RangeError);
  });

  it('goes forward again behind a commit that took the group back', () => {
    const ledger = new EpochLedger();
    ledger.open('t', 0, 0n);
    ledger.release(ledger.begin(at(10n)), 0);
    const [due] = ledger.due();
    ledger.noteCommitted([due!]);
    expect(ledger.due()).toEqual([]);
    ledger.noteCommitted([{ ...due!, offset: 4n }]);
    expect(ledger.due()).toEqual([due]);
  });

  it('passes over what has nothing to write, but nothing that is under way', () => {
    const ledger = new EpochLedger();
    ledger.reach('t', 0, 5n);
    ledger.open('t', 0, 5n);
    ledger.reach('t', 0, 5n);
    expect(ledger.due()).toEqual([]);
    ledger.reach('t', 0, 7n);
    expect(ledger.due()).toMatchObject([{ offset: 7n }]);
    const id = ledger.begin(at(10n));
    ledger.reach('t', 0, 12n);
    expect(ledger.due()).toMatchObject([{ offset: 7n }]);
    ledger.release(id, 0);
    ledger.reach('t', 0, 9n);
    expect(ledger.due()).toMatchObject([{ offset: 10n }]);
  });
});
