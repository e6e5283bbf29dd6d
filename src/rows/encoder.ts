/**
 * Messages and record batches of Arrow to record batches of Kafka, on the main thread: the same
 * writers that the workers have, over a memory of their own. Nothing that it gives points into that
 * memory.
 */
import type { RecordBatch } from 'apache-arrow';
import { planImport, writeBatch } from '../arrow/batch-import.ts';
import type { Schema } from '../arrow/schema.ts';
import { schemaToString } from '../arrow/schema-text.ts';
import type { ColumnSet, Selection } from '../arrow/selection.ts';
import { MillraceError } from '../errors.ts';
import {
  type BatchBounds,
  batchBounds,
  type EncodeRequest,
  encodeBatches,
} from '../ingest/batch-writer.ts';
import type { Encoder } from '../ingest/codecs/codec.ts';
import type { CodecName } from '../ingest/codecs/codec-name.ts';
import { codecByName } from '../ingest/codecs/registry.ts';
import { checkJson, jsonFields } from '../operators/check-json.ts';
import type { KafkaSinkPlan } from '../plan.ts';
import { ArenaFull, WasmInstance } from '../wasm/instance.ts';
import { ARENA_BASE, createMemory, loadModule, PADDING } from '../wasm/module.ts';
import type { Message } from './message.ts';
import { binaryColumn, headersColumn, int32Column, timestamps } from './message-columns.ts';
import { writtenSchema } from './written-schema.ts';

/** A record batch that can be sent, and which of the rows or messages are in it. */
export interface EncodedBatch {
  readonly partition: number;
  readonly bytes: Uint8Array;
  readonly records: number;
  readonly rows: Uint32Array;
}

/** How the rows of a record batch become messages. */
export interface BatchRequest {
  /** The number of the batch's row 0, where errors name a row. */
  readonly firstRow: number;
  /** The rows that are written, in ascending order; default all. */
  readonly rows?: Uint32Array;
  readonly partitions: number;
  /** The columns of the value. */
  readonly value: Schema;
  /** A key for each row, in the place of a column. */
  readonly keys?: readonly (Uint8Array | null)[];
  /** Columns of the batch, by name. */
  readonly key?: string;
  readonly partitionKey?: string;
  readonly partitionNumber?: string;
  /** A partition for each row, in the place of a column. */
  readonly chosen?: Int32Array;
  readonly partitioner: EncodeRequest['partitioner'];
  readonly roundRobinStart: number;
}

const MIB = 1024 * 1024;
const MIN_ARENA_BYTES = 64 * MIB;
const MAX_MEMORY_BYTES = 2048 * MIB - 65_536;
/** What columns and output take of the memory, as a multiple of the messages' own bytes. */
const ROOM = 4;
const MESSAGE_SCHEMA: Schema = {
  fields: [{ name: 'value', type: { kind: 'binary' }, nullable: true }],
};

/** Encodes for one topic. Not re-entrant; every call is synchronous. */
export class RowEncoder {
  readonly #plan: KafkaSinkPlan;
  /** How large its record batches may be. */
  readonly bounds: BatchBounds;
  readonly #memory: WebAssembly.Memory;
  #wasm: WasmInstance;
  readonly #encoders = new Map<string, Encoder>();

  /**
   * @param maxBatchBytes the largest batch that the topic takes.
   * @param maxMessageBytes the largest message that comes.
   */
  constructor(plan: KafkaSinkPlan, maxBatchBytes: number, maxMessageBytes: number) {
    this.#plan = plan;
    this.bounds = batchBounds({ ...plan, maxBatchBytes });
    // Pages that nothing touches take no room.
    const arenaBytes = MIN_ARENA_BYTES + ROOM * Math.max(maxBatchBytes, maxMessageBytes);
    this.#memory = createMemory(Math.min(ARENA_BASE + arenaBytes, MAX_MEMORY_BYTES));
    this.#wasm = new WasmInstance(loadModule(), this.#memory);
  }

  /**
   * Messages of one partition, in order, as one batch or several.
   *
   * @throws ArenaFull where they need more memory than there is: give fewer.
   * @throws MillraceError `MESSAGE_TOO_LARGE`, with the number of the message as `context.row`.
   */
  messages(messages: readonly Message[], partition: number): EncodedBatch[] {
    const encoder = this.#encoder(MESSAGE_SCHEMA, 'bytes');
    const wasm = this.#wasm;
    wasm.exports.arena_open(ARENA_BASE, wasm.u8.length - PADDING);
    const value = binaryColumn(wasm, messages, (message) => message.value);
    const keyed = messages.some(({ key }) => key !== null);
    const headed = messages.some(({ headers }) => headers.length > 0);
    const batches = this.#encode({
      encoder,
      columns: new Map([['value', value]]),
      selection: { address: 0, count: messages.length },
      ...(keyed && { key: binaryColumn(wasm, messages, (message) => message.key) }),
      ...(headed && { headers: headersColumn(wasm, messages) }),
      timestamp: timestamps(wasm, messages),
      partitions: 1,
      partitioner: 'round-robin',
      roundRobinStart: 0,
      tombstones: true,
    });
    return batches.map((batch) => ({ ...batch, partition }));
  }

  /**
   * The rows of a batch, for all partitions, in their order within each.
   *
   * @throws ArenaFull where they need more memory than there is: give fewer.
   * @throws MillraceError `INVALID_SCHEMA` where the batch or its columns cannot be written;
   *   `MESSAGE_TOO_LARGE`; `EVALUATION_FAILED` where a row has no partition.
   */
  rows(batch: RecordBatch, request: BatchRequest): EncodedBatch[] {
    const all = writtenSchema(batch.schema);
    const plan = planImport(batch, all);
    const encoder = this.#encoder(request.value, this.#plan.codec);
    const wasm = this.#wasm;
    const arena = ARENA_BASE + Math.ceil((plan.byteLength + PADDING) / 16) * 16;
    if (arena >= wasm.u8.length - PADDING) throw new ArenaFull('the batch is too large');
    const columns = writeBatch(plan, wasm.u8, ARENA_BASE);
    wasm.exports.arena_open(arena, wasm.u8.length - PADDING);
    checkJson(wasm, jsonFields(all), columns);
    const { keys, chosen, partitions, partitioner, roundRobinStart, firstRow } = request;
    const key = keys ? binaryColumn(wasm, keys, (bytes) => bytes) : named(columns, request.key);
    const partitionKey = named(columns, request.partitionKey);
    const partitionNumber = chosen
      ? int32Column(wasm, chosen)
      : named(columns, request.partitionNumber);
    return this.#encode({
      encoder,
      columns,
      selection: selectionOf(wasm, request.rows, batch.numRows),
      firstRow,
      ...(key !== undefined && { key }),
      ...(partitionKey !== undefined && { partitionKey }),
      ...(partitionNumber !== undefined && { partitionNumber }),
      timestamp: BigInt(Date.now()),
      partitions,
      partitioner,
      roundRobinStart,
      tombstones: this.#plan.tombstones,
    });
  }

  #encode(
    request: Omit<EncodeRequest, 'compression' | 'reportRows' | keyof BatchBounds>,
  ): EncodedBatch[] {
    const { compression } = this.#plan;
    const whole = { ...request, ...this.bounds, compression, reportRows: true };
    return encodeBatches(this.#wasm, whole).map(
      ({ partition, address, byteLength, records, rows }) => ({
        partition,
        // A copy: `slice` of shared memory gives memory that is not shared.
        bytes: this.#wasm.u8.slice(address, address + byteLength),
        records,
        rows: rows!,
      }),
    );
  }

  // Programs of encoders live as long as their instance: another shape of batches takes a new one.
  #encoder(schema: Schema, codec: CodecName): Encoder {
    const shape = `${codec} ${schemaToString(schema)}`;
    const known = this.#encoders.get(shape);
    if (known !== undefined) return known;
    if (this.#encoders.size >= MAX_ENCODERS) {
      this.#encoders.clear();
      new Uint8Array(this.#memory.buffer).fill(0, 0, ARENA_BASE);
      this.#wasm = new WasmInstance(loadModule(), this.#memory);
    }
    const encoder = codecByName(codec).encoder(this.#wasm, schema);
    this.#encoders.set(shape, encoder);
    return encoder;
  }
}

/** Shapes of batches whose programs are kept. */
const MAX_ENCODERS = 8;

function selectionOf(wasm: WasmInstance, rows: Uint32Array | undefined, all: number): Selection {
  if (rows === undefined) return { address: 0, count: all };
  const address = wasm.arenaAlloc(rows.byteLength);
  wasm.u32.set(rows, address / 4);
  return { address, count: rows.length };
}

function named(columns: ColumnSet, name: string | undefined): number | undefined {
  if (name === undefined) return undefined;
  const address = columns.get(name);
  if (address !== undefined) return address;
  throw new MillraceError(
    `there is no column "${name}" in the batch; it has ${[...columns.keys()].join(', ')}`,
    { code: 'UNKNOWN_COLUMN', context: { column: name } },
  );
}
