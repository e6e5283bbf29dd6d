/**
 * Which offsets may be committed: those behind which everything is durable. No I/O, no time of its
 * own. An epoch is what lies between two commits: morsels, their outputs and their offsets.
 */

/** A morsel's place in the ledger. */
export interface EpochEntry {
  readonly topic: string;
  readonly partition: number;
  /** The offset behind the morsel: what is committed once it and all before it are durable. */
  readonly nextOffset: bigint;
}

/** An offset that may be committed. */
export interface DurableOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** Which opening of the partition it is of: a commit of one says nothing of the next. */
  readonly generation: number;
}

interface Entry extends EpochEntry {
  nextOffset: bigint;
  /** Outputs that are not acknowledged; `undefined` until the morsel is done. */
  pending: number | undefined;
}

interface PartitionLedger {
  readonly topic: string;
  readonly partition: number;
  /** In offset order; those at the front that are durable have left. */
  readonly entries: Entry[];
  readonly generation: number;
  durable: bigint;
  /** Whether `durable` is to be committed. Not a comparison: reading may have gone back. */
  due: boolean;
}

const keyOf = (topic: string, partition: number) => `${topic}\0${partition}`;

/**
 * The offsets of every partition that is read. A morsel `begin`s when it is dispatched, is
 * `release`d with the number of its outputs when its turn in the order has come, and is durable
 * when each of them was `acknowledge`d. Entries of a partition that was closed are forgotten:
 * whatever still comes in for them is ignored, so that a partition that was taken away is never
 * committed by us.
 */
export class EpochLedger {
  readonly #partitions = new Map<string, PartitionLedger>();
  readonly #entries = new Map<number, Entry>();
  #nextId = 1;
  #nextGeneration = 1;

  /**
   * Starts a partition at the offset that is read first, or starts it again there, and forgets all
   * that is in flight for it. `due`: that offset itself is to be committed.
   */
  open(topic: string, partition: number, offset: bigint, due = false): void {
    this.close(topic, partition);
    const generation = this.#nextGeneration;
    this.#nextGeneration += 1;
    const ledger = { topic, partition, entries: [], generation, durable: offset, due };
    this.#partitions.set(keyOf(topic, partition), ledger);
  }

  /** Forgets a partition and all that is in flight for it. */
  close(topic: string, partition: number): void {
    const ledger = this.#partitions.get(keyOf(topic, partition));
    if (ledger === undefined) return;
    const gone = new Set<Entry>(ledger.entries);
    for (const [id, entry] of this.#entries) if (gone.has(entry)) this.#entries.delete(id);
    this.#partitions.delete(keyOf(topic, partition));
  }

  /**
   * Reading has come to this offset, and there is nothing to write of what lies before it and
   * behind the last morsel. To be called while nothing is in flight for the partition.
   */
  reach(topic: string, partition: number, offset: bigint): void {
    const ledger = this.#partitions.get(keyOf(topic, partition));
    if (ledger === undefined || ledger.entries.length > 0 || offset <= ledger.durable) return;
    ledger.durable = offset;
    ledger.due = true;
  }

  /** A morsel is dispatched; call in offset order. Returns its id. */
  begin(entry: EpochEntry): number {
    const ledger = this.#partitions.get(keyOf(entry.topic, entry.partition));
    if (ledger === undefined) throw new RangeError(`${entry.topic}-${entry.partition} is not open`);
    const id = this.#nextId;
    this.#nextId += 1;
    const own: Entry = { ...entry, pending: undefined };
    this.#entries.set(id, own);
    ledger.entries.push(own);
    return id;
  }

  /**
   * The morsel is done and made so many outputs, none of them acknowledged yet. `nextOffset`
   * replaces that of `begin` where only a part of the morsel was used.
   */
  release(id: number, outputs: number, nextOffset?: bigint): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    if (entry.pending !== undefined) throw new RangeError(`morsel ${id} was released twice`);
    entry.pending = outputs;
    if (nextOffset !== undefined) entry.nextOffset = nextOffset;
    if (outputs === 0) this.#settle(id, entry);
  }

  /** One output of the morsel is durable. */
  acknowledge(id: number): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    if (entry.pending === undefined || entry.pending === 0) {
      throw new RangeError(`morsel ${id} has no output to acknowledge`);
    }
    entry.pending -= 1;
    if (entry.pending === 0) this.#settle(id, entry);
  }

  #settle(id: number, entry: Entry): void {
    this.#entries.delete(id);
    const ledger = this.#partitions.get(keyOf(entry.topic, entry.partition));
    if (ledger === undefined) return;
    let durable = 0;
    while (ledger.entries[durable]?.pending === 0) durable += 1;
    const last = ledger.entries[durable - 1];
    if (last !== undefined) {
      ledger.due ||= ledger.durable !== last.nextOffset;
      ledger.durable = last.nextOffset;
    }
    ledger.entries.splice(0, durable);
  }

  /** Morsels that are not durable, of all partitions or of one. */
  inFlight(topic?: string, partition?: number): number {
    if (topic === undefined || partition === undefined) return this.#entries.size;
    return this.#partitions.get(keyOf(topic, partition))?.entries.length ?? 0;
  }

  /** Offsets that are durable and not committed yet. */
  due(): DurableOffset[] {
    const due: DurableOffset[] = [];
    for (const ledger of this.#partitions.values()) if (ledger.due) due.push(offsetOf(ledger));
    return due;
  }

  /** Behind which offset of a partition everything is durable; `undefined`: it is not open. */
  durable(topic: string, partition: number): DurableOffset | undefined {
    const ledger = this.#partitions.get(keyOf(topic, partition));
    return ledger && offsetOf(ledger);
  }

  /**
   * These offsets were committed; one beyond what is durable covers that, too. One before it takes
   * the group back: what is durable is due again.
   */
  noteCommitted(offsets: readonly DurableOffset[]): void {
    for (const { topic, partition, offset, generation } of offsets) {
      const ledger = this.#partitions.get(keyOf(topic, partition));
      if (ledger?.generation !== generation) continue;
      ledger.due = offset < ledger.durable;
    }
  }
}

function offsetOf({ topic, partition, durable, generation }: PartitionLedger): DurableOffset {
  return { topic, partition, offset: durable, generation };
}
