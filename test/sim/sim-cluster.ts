/** A Kafka cluster in memory that delays, loses, repeats and fences as a seed says. */
import type { OffsetCommit, ProduceResult } from '../../src/ingest/client.ts';
import type { SimClient } from './sim-client.ts';
import type { SimMember } from './sim-member.ts';
import type { Chance, VirtualClock } from './virtual-clock.ts';
import { makeBatch, readBatches, type SimMessage } from './wire.ts';

/** What goes wrong, as shares of the requests. */
export interface Faults {
  readonly fetchLost: number;
  readonly produceLostBefore: number;
  readonly produceLostAfter: number;
  readonly produceRefused: number;
  readonly commitLost: number;
}

/** Which messages go to an output topic, and as how many rows. */
export interface Output {
  readonly topic: string;
  readonly partitions: number;
  wants(offset: number): boolean;
  rows(offset: number): number;
}

/** One stored message of an output topic, with the run that wrote it. */
export interface Stored extends SimMessage {
  readonly producerId: bigint;
}

interface InputBatch {
  readonly base: number;
  readonly count: number;
  readonly bytes: Uint8Array;
  /** When it is in the log, by the clock. */
  readonly fromMs: number;
}

/** A partition was sent elsewhere: what was read of it before must not come out any more. */
export interface Seek {
  readonly partition: number;
  readonly offset: number;
  readonly producerId: bigint;
  /** How much was stored of each output partition when it began, and when it had settled. */
  readonly begun: readonly number[];
  settled: readonly number[] | undefined;
  /** Likewise, when the next seek or owner came; `undefined`: none has. */
  over: readonly number[] | undefined;
}

const REBALANCE_MS = 10_000;
/** Until when producers write to the input where that grows. */
const GROWS_MS = 500;

/** The brokers, and what they store. */
export class SimCluster {
  readonly clock: VirtualClock;
  readonly chance: Chance;
  readonly faults: Faults;
  readonly input: InputBatch[][];
  readonly outputs: readonly Output[];
  /** What is stored: the partitions of the first output topic, then those of the next. */
  readonly output: Stored[][];
  /** An output topic that refuses everything for good. */
  refuses: string | undefined;
  readonly committed = new Map<number, bigint>();
  /** Where the group began, by partition: what lies before was somebody else's to read. */
  readonly begins: number[];
  /** Every rule that was broken; empty at the end of a good run. */
  readonly violations: string[] = [];
  /** Every seek that was begun, in order. */
  readonly seeks: Seek[] = [];
  /** Messages that a seek may have passed over, as `partition/offset`. */
  readonly passed = new Set<string>();
  /** How often a member took too long to give its partitions back. */
  lateRevokes = 0;
  readonly #sequences = new Map<string, number>();
  readonly #members = new Set<SimMember>();
  #nextProducer = 1n;
  #generation = 0;
  readonly #cooperative: boolean;

  constructor(
    clock: VirtualClock,
    chance: Chance,
    faults: Faults,
    size: {
      inputs: number;
      outputs: readonly Output[];
      batches: number;
      cooperative: boolean;
      grows: boolean;
    },
  ) {
    this.clock = clock;
    this.chance = chance;
    this.faults = faults;
    this.#cooperative = size.cooperative;
    this.outputs = size.outputs;
    this.output = size.outputs.flatMap(({ partitions }) =>
      Array.from({ length: partitions }, () => []),
    );
    this.input = Array.from({ length: size.inputs }, (_, partition) => {
      const batches: InputBatch[] = [];
      let offset = 0;
      let fromMs = 0;
      for (let i = 0; i < size.batches; i++) {
        if (size.grows) fromMs += chance.between(0, (2 * GROWS_MS) / size.batches);
        const count = chance.between(1, 5);
        const messages = Array.from({ length: count }, (_, j) => ({
          partition,
          offset: offset + j,
        }));
        batches.push({ base: offset, count, bytes: makeBatch(offset, messages), fromMs });
        offset += count;
      }
      return batches;
    });
    // A group's offset may lie in the middle of a batch.
    this.begins = this.input.map((_, partition) => {
      if (!chance.happens(0.3)) return 0;
      const begin = chance.between(0, this.endOf(partition));
      this.committed.set(partition, BigInt(begin));
      return begin;
    });
  }

  /** What is in the log of a partition by now. */
  log(partition: number): InputBatch[] {
    return this.input[partition]!.filter(({ fromMs }) => fromMs <= this.clock.nowMs());
  }

  endOf(partition: number): number {
    const last = this.log(partition).at(-1);
    return last === undefined ? 0 : last.base + last.count;
  }

  /** Whether every message is stored and every offset committed. */
  get done(): boolean {
    return this.input.every((_, p) => (this.committed.get(p) ?? 0n) === BigInt(this.endOf(p)));
  }

  /** Settles after a delay, now and then a long one; never, once the client is dead. */
  delay(client: SimClient): Promise<void> {
    const mostMs = this.chance.happens(0.1) ? 500 : 20;
    return new Promise((resolve) => {
      this.clock.after(this.chance.between(0, mostMs), () => {
        if (!client.dead) resolve();
      });
    });
  }

  newProducer(): bigint {
    return this.#nextProducer++;
  }

  /** The place of the first partition of an output topic among all. */
  firstOf(topic: string): number {
    const before = this.outputs.slice(
      0,
      this.outputs.findIndex((one) => one.topic === topic),
    );
    return before.reduce((sum, { partitions }) => sum + partitions, 0);
  }

  append(topic: string, partition: number, bytes: Uint8Array): ProduceResult {
    const result = { topic, partition, baseOffset: 0n, logAppendTimeMs: -1n };
    if (topic === this.refuses) return { ...result, error: 'TOPIC_AUTHORIZATION_FAILED' };
    const stored = this.output[this.firstOf(topic) + partition]!;
    const [batch] = readBatches(bytes);
    const { producerId, baseSequence } = batch!.stamp;
    const key = `${producerId}/${topic}/${partition}`;
    const expected = this.#sequences.get(key) ?? 0;
    if (baseSequence + batch!.messages.length === expected) {
      return { ...result, error: 'DUPLICATE_SEQUENCE_NUMBER' };
    }
    if (baseSequence !== expected) return { ...result, error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' };
    this.#sequences.set(key, expected + batch!.messages.length);
    for (const message of batch!.messages) stored.push({ ...message, producerId });
    return result;
  }

  /** The group had committed this before the simulation began; all is to be read again. */
  setCommitted(partition: number, offset: number): void {
    this.committed.set(partition, BigInt(offset));
    this.begins[partition] = 0;
  }

  commit(offsets: readonly OffsetCommit[]): void {
    for (const { partition, offset } of offsets) {
      this.#checkCommit(partition, Number(offset), this.begins[partition]!, () => 0);
      // Behind a seek only what came out since then says how far reading is.
      const seek = this.seeks.findLast((one) => one.partition === partition);
      if (seek?.settled !== undefined && seek.over === undefined) {
        this.#checkCommit(partition, Number(offset), seek.offset, (o) => seek.begun[o]!);
      }
      this.committed.set(partition, offset);
    }
  }

  #checkCommit(partition: number, offset: number, from: number, begin: (output: number) => number) {
    for (const { topic, partitions, wants, rows } of this.outputs) {
      const first = this.firstOf(topic);
      const counts = new Map<number, number>();
      for (const [o, messages] of this.output.slice(first, first + partitions).entries()) {
        for (const message of messages.slice(begin(first + o))) {
          if (message.partition !== partition) continue;
          counts.set(message.offset, (counts.get(message.offset) ?? 0) + 1);
        }
      }
      for (let i = from; i < offset; i++) {
        if (!wants(i) || (counts.get(i) ?? 0) >= rows(i)) continue;
        if (from === this.begins[partition] && this.passed.has(`${partition}/${i}`)) continue;
        this.violations.push(`offset ${offset} of ${partition} committed, ${i} not in ${topic}`);
        return;
      }
    }
  }

  /** How much is stored of each output partition. */
  get stored(): number[] {
    return this.output.map((messages) => messages.length);
  }

  /** What held of a partition's seeks is over: it goes elsewhere, or to somebody else. */
  endSeeks(partition: number): void {
    for (const seek of this.seeks) if (seek.partition === partition) seek.over ??= this.stored;
  }

  join(member: SimMember): void {
    this.#members.add(member);
    void this.#rebalance();
  }

  leave(member: SimMember): void {
    if (this.#members.delete(member)) void this.#rebalance();
  }

  // Everybody gives back what goes (or is taken from, where that takes too long); then what nobody
  // has is dealt out. An eager group gives everything back, a cooperative one what it must.
  async #rebalance(): Promise<void> {
    this.#generation += 1;
    const generation = this.#generation;
    const members = [...this.#members];
    const most = Math.ceil(this.input.length / Math.max(1, members.length));
    await Promise.all(
      members.map((member) => {
        const keep = this.#cooperative ? member.staying.slice(0, most) : [];
        return member.giveBack(REBALANCE_MS, new Set(keep));
      }),
    );
    if (generation !== this.#generation) return;
    const alive = members.filter((member) => this.#members.has(member));
    const taken = new Set(alive.flatMap((member) => [...member.owned.keys()]));
    const free = this.input.map((_, partition) => partition).filter((p) => !taken.has(p));
    const shares = new Map(alive.map((member) => [member, [] as number[]]));
    for (const partition of free) {
      let least = alive[0];
      const load = (member: SimMember) => member.owned.size + shares.get(member)!.length;
      for (const member of alive) if (load(member) < load(least!)) least = member;
      if (least !== undefined) shares.get(least)!.push(partition);
    }
    for (const [member, share] of shares) member.give(generation, share);
  }
}
