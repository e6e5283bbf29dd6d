/** The last part of a morsel's work: rows at an end become record batches, or a batch. */
import { exportColumns } from '../arrow/batch-export.ts';
import type { ColumnSet } from '../arrow/selection.ts';
import { batchBounds, encodeBatches } from '../ingest/batch-writer.ts';
import type { Encoder } from '../ingest/codecs/codec.ts';
import { valuesOf } from '../ingest/codecs/copied-values.ts';
import { codecByName } from '../ingest/codecs/registry.ts';
import { partitionColumns } from '../ingest/partitioner.ts';
import { repeatRows } from '../operators/kernels/unnest.ts';
import { take } from '../operators/take.ts';
import type { RowSet } from '../operators/unnest.ts';
import { COLUMN_BYTES, readColumn, writeColumn } from '../wasm/column.ts';
import type { WasmInstance } from '../wasm/instance.ts';
import type { EngineSink, Sunk } from './morsel.ts';

/** What a morsel was read as. */
export interface ReadRows {
  /** Columns by record; metadata columns that no step has let through among them. */
  readonly columns: ColumnSet;
  /** Records; rows, from a source of batches. */
  readonly count: number;
  /** Address of the `Records`, 0 for a source of batches. */
  readonly records: number;
}

type KafkaSink = EngineSink & { readonly kind: 'kafka' };

const RECORDS_TIMESTAMP_WORD = 7;

/** Writes the rows of one sink, on one instance. */
export class SinkWriter {
  readonly #wasm: WasmInstance;
  readonly #sink: EngineSink;
  readonly #encoder: Encoder | undefined;
  #roundRobin: number;

  /** @param roundRobin where turns begin: workers that all began with partition 0 would fill it. */
  constructor(wasm: WasmInstance, sink: EngineSink, roundRobin: number) {
    this.#wasm = wasm;
    this.#sink = sink;
    this.#roundRobin = roundRobin;
    if (sink.kind === 'kafka' && !sink.copiesValues) {
      this.#encoder = codecByName(sink.codec).encoder(wasm, sink.schema);
    }
  }

  /**
   * Results lie in the open lease, but for copied batches.
   *
   * @param rows the columns of the end, at least one row selected.
   * @throws ArenaFull; MillraceError as `encodeBatches`.
   */
  write(read: ReadRows, rows: RowSet): Omit<Sunk, 'sink'> {
    const sink = this.#sink;
    const { count } = rows.selection;
    if (sink.kind === 'kafka') return { rows: count, outputs: this.#encode(sink, read, rows) };
    const wasm = this.#wasm;
    const { columns, selection } = rows;
    const compact = new Map(
      sink.schema.fields.map(({ name }) => [name, take(wasm, columns.get(name)!, selection)]),
    );
    const whole = { address: 0, count };
    const batch = exportColumns(wasm, sink.schema, compact, whole, { borrow: sink.borrow });
    return { rows: count, outputs: [], batch };
  }

  #encode(sink: KafkaSink, read: ReadRows, rows: RowSet) {
    const { columns, selection } = rows;
    const by = partitionColumns(sink.partitioner);
    const request = {
      ...this.#column('key', sink.key, read, rows),
      ...this.#column('headers', sink.headers, read, rows),
      ...this.#column('partitionKey', by.column, read, rows),
      ...this.#column('partitionNumber', by.partitionColumn, read, rows),
    };
    const outputs = encodeBatches(this.#wasm, {
      encoder: this.#encoder ?? valuesOf(read.records),
      columns,
      selection,
      ...request,
      timestamp: this.#timestamps(read, rows),
      partitions: sink.partitions,
      partitioner: typeof sink.partitioner === 'string' ? sink.partitioner : 'murmur2',
      roundRobinStart: this.#roundRobin,
      compression: sink.compression,
      ...batchBounds(sink),
      tombstones: sink.tombstones,
    });
    this.#roundRobin = (this.#roundRobin + selection.count) % 0x40000000;
    return outputs;
  }

  // Metadata columns need not come through the steps; then they have a row for each record.
  #column<K extends string>(
    key: K,
    name: string | undefined,
    read: ReadRows,
    { columns, records, rows }: RowSet,
  ): { readonly [P in K]?: number } {
    if (name === undefined) return {};
    const own = columns.get(name);
    const other = own === undefined ? read.columns.get(name) : undefined;
    const repeated = other !== undefined && records !== 0;
    const column = repeated ? repeatRows(this.#wasm, other, records, rows) : (own ?? other);
    return column === undefined ? {} : ({ [key]: column } as { readonly [P in K]: number });
  }

  // Of the messages that the rows come from.
  #timestamps({ records, count }: ReadRows, rows: RowSet): number | bigint {
    if (records === 0) return BigInt(Date.now());
    const wasm = this.#wasm;
    const data = wasm.u32[records / 4 + RECORDS_TIMESTAMP_WORD]!;
    if (rows.records === 0) return data;
    const column = wasm.arenaAlloc(COLUMN_BYTES);
    const fields = { type: 'int64', constant: false, nullCount: 0, validity: 0 } as const;
    const buffers = { data, offsets: 0, dataLength: count * 8, children: [] };
    writeColumn(wasm, column, { ...fields, ...buffers, length: count });
    return readColumn(wasm, repeatRows(wasm, column, rows.records, rows.rows)).data;
  }
}
