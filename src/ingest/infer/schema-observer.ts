/** Feeds messages to `wasm/infer.cpp`, in an instance of its own on this thread. */
import { getRandomValues } from 'node:crypto';
import { MillraceError } from '../../errors.ts';
import { ArenaFull, WasmInstance } from '../../wasm/instance.ts';
import { ARENA_BASE, createMemory, loadModule, PADDING } from '../../wasm/module.ts';
import { describeRejects } from '../codecs/json-reader-rejects.ts';
import { type InferenceReject, placeInList } from './inference-reject.ts';
import { type Observation, readObservation } from './observation.ts';

/**
 * Memory of an inference; pages that nothing touches take no room. A message takes seven times its
 * length of it at most, so that this is enough for what brokers take by default, many times over.
 */
const MEMORY_BYTES = 256 * 1024 * 1024;
/** Messages that are observed at once: so many bytes of them, and so many. */
const CHUNK_BYTES = 1024 * 1024;
const CHUNK_MESSAGES = 4_096;

// Words of `Observed` in wasm/infer.cpp, and of `Records` in wasm/abi.h.
const OBSERVED = { observed: 0, tombstones: 1, rejectCount: 2, rejects: 3 } as const;
const MAX_REJECTS = 16;
const RECORDS_WORDS = 12;
const RECORDS = { count: 0, capacity: 1, valueAddress: 2, valueLength: 3 } as const;
const NO_PROGRAM = { words: new Uint32Array(), paths: [], fields: [], kept: [], columns: [] };

/** Observes messages; what it has seen of them is bounded, however many they are. */
export class SchemaObserver {
  /** Messages that were JSON objects. */
  observed = 0;
  /** Messages without a value. */
  tombstones = 0;
  /** Messages that were neither. */
  rejected = 0;
  /** The first of those. */
  readonly rejects: InferenceReject[] = [];
  readonly wasm: WasmInstance;
  readonly #inference: number;

  constructor() {
    this.wasm = new WasmInstance(loadModule(), createMemory(MEMORY_BYTES));
    const key = new BigInt64Array(2);
    getRandomValues(key);
    this.#inference = this.wasm.exports.infer_new(key[0]!, key[1]!);
    if (this.#inference !== 0) return;
    throw new MillraceError('a new instance has no room for an inference', { code: 'INTERNAL' });
  }

  /** What all messages so far have shown. */
  get root(): Observation {
    return readObservation(this.wasm, this.wasm.exports.infer_root(this.#inference));
  }

  /** Messages that were given, whatever they were. */
  get given(): number {
    return this.observed + this.tombstones + this.rejected;
  }

  /** Begins a lease: all that was allocated before is void. */
  openLease(): void {
    this.wasm.exports.arena_open(ARENA_BASE, this.wasm.u8.length - PADDING);
  }

  /** Observes messages that lie in this process, in order; null is a tombstone. */
  observeMessages(messages: readonly (Uint8Array | null)[]): void {
    let chunk: (Uint8Array | null)[] = [];
    let bytes = 0;
    for (const message of messages) {
      const length = message?.length ?? 0;
      if (chunk.length === CHUNK_MESSAGES || (chunk.length > 0 && bytes + length > CHUNK_BYTES)) {
        this.#observeChunk(chunk);
        chunk = [];
        bytes = 0;
      }
      chunk.push(message);
      bytes += length;
    }
    if (chunk.length > 0) this.#observeChunk(chunk);
  }

  /**
   * Observes the first `count` records of a `Records` in the open lease.
   *
   * @param placeOf which message a row is, for rejects.
   * @throws ArenaFull where the lease has no room for the parser; nothing was observed.
   */
  observeRecords(
    records: number,
    count: number,
    placeOf: (row: number) => Omit<InferenceReject, 'reason'>,
  ): void {
    const { wasm } = this;
    const address = wasm.exports.infer_observe(this.#inference, records, 0, count);
    if (address === 0) throw new ArenaFull('the lease has no room for a parser');
    const word = address >>> 2;
    this.observed += wasm.u32[word + OBSERVED.observed]!;
    this.tombstones += wasm.u32[word + OBSERVED.tombstones]!;
    const rejected = wasm.u32[word + OBSERVED.rejectCount]!;
    const wanted = Math.min(rejected, MAX_REJECTS - this.rejects.length);
    const list = address + 4 * OBSERVED.rejects;
    for (const { row, reason } of describeRejects(wasm, NO_PROGRAM, records, list, wanted)) {
      this.rejects.push({ ...placeOf(row), reason });
    }
    this.rejected += rejected;
  }

  /** Counts messages that nobody could look at. */
  reject(count: number, reject: InferenceReject): void {
    this.rejected += count;
    if (this.rejects.length < MAX_REJECTS) this.rejects.push(reject);
  }

  #observeChunk(messages: readonly (Uint8Array | null)[]): void {
    const before = this.given;
    try {
      this.openLease();
      const records = this.#makeRecords(messages);
      this.observeRecords(records, messages.length, (row) => placeInList(before + row));
    } catch (error) {
      if (!(error instanceof ArenaFull)) throw error;
      const [first, ...more] = messages;
      if (more.length > 0) {
        for (const message of messages) this.#observeChunk([message]);
        return;
      }
      const reason = `${first?.length} bytes are more than inference looks at`;
      this.reject(1, { ...placeInList(before), reason });
    }
  }

  #makeRecords(messages: readonly (Uint8Array | null)[]): number {
    const { wasm } = this;
    const records = wasm.arenaAlloc(RECORDS_WORDS * 4);
    const addresses = wasm.arenaAlloc(messages.length * 4);
    const lengths = wasm.arenaAlloc(messages.length * 4);
    wasm.u32.fill(0, records >>> 2, (records >>> 2) + RECORDS_WORDS);
    wasm.u32[(records >>> 2) + RECORDS.count] = messages.length;
    wasm.u32[(records >>> 2) + RECORDS.capacity] = messages.length;
    wasm.u32[(records >>> 2) + RECORDS.valueAddress] = addresses;
    wasm.u32[(records >>> 2) + RECORDS.valueLength] = lengths;
    for (const [i, message] of messages.entries()) {
      const address = wasm.arenaAlloc(message?.length ?? 0);
      if (message !== null) wasm.u8.set(message, address);
      wasm.u32[(addresses >>> 2) + i] = address;
      wasm.i32[(lengths >>> 2) + i] = message?.length ?? -1;
    }
    return records;
  }
}
