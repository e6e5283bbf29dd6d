/** When what waits in the lanes leaves: one batch of a partition at a time. */
import { systemClock } from '../clock.ts';
import type { SinkBatch } from '../ingest/sink.ts';
import type { Lane, Outgoing, Pending } from './lane.ts';

/** What batches are given to. */
export interface LaneOutlet {
  /** Takes the next batch of its partition. */
  push(batch: SinkBatch): void;
  /** A partition's batch is complete. */
  batchClosed(partition: number): void;
}

/**
 * Empties the lanes of one topic. What is put into a lane in one turn of the event loop, while it
 * lingers or while a batch of its partition is under way, leaves together.
 */
export class LanePump {
  readonly #lanes: Lane[];
  readonly #lingerMs: number;
  readonly #outlet: LaneOutlet;
  #planned = false;
  #hurried = false;
  #flushing = 0;

  /** @param lanes one a partition, in their order. */
  constructor(lanes: readonly Lane[], lingerMs: number, outlet: LaneOutlet) {
    this.#lanes = [...lanes];
    this.#lingerMs = lingerMs;
    this.#outlet = outlet;
  }

  /** Adds the lane of the next partition. */
  add(lane: Lane): void {
    this.#lanes.push(lane);
  }

  /** Puts a message behind the others of its partition, where it may linger. */
  pushMessage(partition: number, message: Pending): void {
    const lane = this.#lanes[partition]!;
    lane.push(message);
    if (lane.due || lane.isFull || this.#lingerMs === 0 || this.#flushing > 0) {
      lane.due = true;
      this.#plan();
    } else if (!lane.lingers) {
      lane.lingers = true;
      systemClock.after(this.#lingerMs, () => {
        lane.lingers = false;
        lane.due = true;
        this.#pump(lane);
      });
    }
  }

  /** Puts a batch behind what waits for its partition; neither lingers. */
  pushBatch(batch: Outgoing): void {
    const lane = this.#lanes[batch.batch.partition]!;
    lane.push(batch);
    lane.due = true;
    this.#pump(lane);
  }

  /** Nothing that waits now lingers any longer: with a full buffer nothing more comes. */
  hurry(): void {
    this.#hurried = true;
    this.#plan();
  }

  /** Nothing lingers until `settled` has settled. */
  async flush(settled: () => Promise<void>): Promise<void> {
    this.#flushing += 1;
    try {
      this.#pumpAll();
      await settled();
    } finally {
      this.#flushing -= 1;
    }
  }

  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    setImmediate(() => {
      this.#planned = false;
      if (this.#hurried) for (const lane of this.#lanes) lane.due = !lane.isEmpty;
      this.#hurried = false;
      this.#pumpAll();
    });
  }

  #pumpAll(): void {
    for (const lane of this.#lanes) this.#pump(lane);
  }

  #pump(lane: Lane): void {
    if (lane.busy || lane.isEmpty) return;
    if (!lane.due && !lane.isFull && this.#flushing === 0) return;
    // What fails in the lane settles there, and what is sent then comes back here.
    lane.busy = true;
    const outgoing = lane.next();
    if (lane.isEmpty) lane.due = false;
    if (outgoing === undefined) {
      lane.busy = false;
      return;
    }
    this.#outlet.batchClosed(lane.partition);
    const { bytes, records, partition } = outgoing.batch;
    this.#outlet.push({
      output: { partition, address: 0, byteLength: bytes.length, records },
      bytes,
      settled: (error, stored) => {
        lane.busy = false;
        outgoing.settle(error, stored);
        this.#pump(lane);
      },
    });
  }
}
