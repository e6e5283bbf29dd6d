/** Record batches of the caller, in pieces, as record batches of Kafka. */
import type { RecordBatch } from 'apache-arrow';
import type { DataType, Schema } from '../arrow/schema.ts';
import { MillraceError } from '../errors.ts';
import { partitionOutside } from '../ingest/batch-writer.ts';
import { anyOf, BYTES_KINDS, INTEGER_KINDS } from '../ingest/message-types.ts';
import { partitionColumns } from '../ingest/partitioner.ts';
import { ArenaFull } from '../wasm/instance.ts';
import { checkPartition } from './choose-partition.ts';
import type { BatchRequest, EncodedBatch, RowEncoder } from './encoder.ts';
import { keyBytes } from './message.ts';
import type { KeyInput } from './record.ts';
import { isPlainPartitioner, type RowSinkSettings } from './row-sink-options.ts';
import { writtenSchema } from './written-schema.ts';

/** Some rows of a batch, encoded. */
export interface Piece {
  /** The batch's row that the piece's row 0 is. */
  readonly first: number;
  readonly rows: number;
  readonly encoded: readonly EncodedBatch[];
  /** What is wrong with the others, by their row of the piece. */
  readonly refused: ReadonlyMap<number, MillraceError>;
}

/** Rows that are encoded together, or else by halves. */
interface Part {
  readonly batch: RecordBatch;
  readonly request: Omit<BatchRequest, 'roundRobinStart'>;
  readonly refused: Map<number, MillraceError>;
}

/** Rows of a piece: so many wait in the buffer at least. */
const PIECE_ROWS = 8_192;
/** What is wrong with one row, and not with the batch. */
const OF_A_ROW: readonly string[] = ['MESSAGE_TOO_LARGE', 'EVALUATION_FAILED'];

/** Deals batches to the partitions of one topic. */
export class BatchDealer {
  readonly #settings: RowSinkSettings;
  readonly #encoder: RowEncoder;
  /** Partitions of the topic; a batch is dealt to those that there were when it began. */
  partitions: number;
  #turn: number;

  constructor(settings: RowSinkSettings, encoder: RowEncoder, partitions: number) {
    this.#settings = settings;
    this.#encoder = encoder;
    this.partitions = partitions;
    this.#turn = Math.floor(Math.random() * partitions);
  }

  /**
   * Encodes a batch piece by piece, each when it is asked for. Rows that cannot be sent do not take
   * the others along: each piece says which those are, and why.
   *
   * @throws MillraceError `INVALID_SCHEMA`, `UNKNOWN_COLUMN`, `TYPE_MISMATCH`: what is wrong with
   *   the batch as such.
   */
  *deal(batch: RecordBatch): Generator<Piece> {
    const { partitions } = this;
    for (let first = 0; first < batch.numRows; ) {
      const count = Math.min(PIECE_ROWS, batch.numRows - first);
      const piece =
        first === 0 && count === batch.numRows ? batch : batch.slice(first, first + count);
      yield* this.#encode(this.#part(piece, first, partitions));
      first += count;
    }
  }

  *#encode(whole: Part): Generator<Piece> {
    const parts = [whole];
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      const { batch, refused, request } = part;
      const { firstRow: first } = request;
      const rows = batch.numRows;
      let encoded: EncodedBatch[] = [];
      try {
        if (refused.size < rows) encoded = this.#encoded(part);
      } catch (error) {
        const problem = error instanceof ArenaFull ? tooLarge(first) : MillraceError.from(error);
        if (!OF_A_ROW.includes(problem.code)) throw problem;
        if (problem.code === 'EVALUATION_FAILED' && refuseNumbers(part)) {
          parts.push(part);
          continue;
        }
        if (rows > 1) {
          // By halves it takes few attempts to find a row, and not many to find them all.
          parts.push(...halvesOf(part).reverse());
          continue;
        }
        refused.set(0, problem);
      }
      this.#turn = (this.#turn + rows) % 0x40000000;
      yield { first, rows, encoded, refused };
    }
  }

  #encoded({ batch, request, refused }: Part): EncodedBatch[] {
    const all = { ...request, roundRobinStart: this.#turn };
    if (refused.size === 0) return this.#encoder.rows(batch, all);
    const others = Uint32Array.from({ length: batch.numRows }, (_, row) => row);
    return this.#encoder.rows(batch, { ...all, rows: others.filter((row) => !refused.has(row)) });
  }

  #part(batch: RecordBatch, firstRow: number, partitions: number): Part {
    const { plan, key, partitioner } = this.#settings;
    const schema = writtenSchema(batch.schema);
    const plain = isPlainPartitioner(partitioner);
    const { column, partitionColumn } = plain ? partitionColumns(partitioner) : {};
    const leftOut = (name: string) =>
      name === partitionColumn || (!plan.keyInValue && name === key);
    const keyIsBytes = typeof key === 'string' && hasBytes(schema, key);
    const refused = new Map<number, MillraceError>();
    const request = {
      partitions,
      firstRow,
      value: { fields: schema.fields.filter(({ name }) => !leftOut(name)) },
      ...(keyIsBytes && { key }),
      ...(key !== undefined && !keyIsBytes && { keys: keysOf(batch, schema, key, refused) }),
      ...(column !== undefined && { partitionKey: bytesColumn(schema, column) }),
      ...(partitionColumn !== undefined && {
        partitionNumber: numberColumn(schema, partitionColumn),
      }),
      ...(!plain && { chosen: chosenOf(batch, partitioner, partitions, refused) }),
      partitioner: typeof partitioner === 'string' ? partitioner : ('murmur2' as const),
    };
    return { batch, request, refused };
  }
}

// All rows of a piece at once: a column of something else has a partition on hardly any.
function refuseNumbers({ batch, request, refused }: Part): boolean {
  const { partitionNumber: name, partitions, firstRow } = request;
  const column = name === undefined ? null : batch.getChild(name);
  if (column === null) return false;
  const before = refused.size;
  for (const [row, value] of [...column].entries()) {
    const isThere = value !== null && value >= 0 && value < partitions;
    if (isThere || refused.has(row)) continue;
    refused.set(row, partitionOutside(firstRow + row, String(value), partitions));
  }
  return refused.size > before;
}

function halvesOf({ batch, request, refused }: Part): [Part, Part] {
  const half = batch.numRows >> 1;
  const slice = (from: number, to: number): Part => ({
    batch: batch.slice(from, to),
    request: {
      ...request,
      firstRow: request.firstRow + from,
      ...(request.keys && { keys: request.keys.slice(from, to) }),
      ...(request.chosen && { chosen: request.chosen.subarray(from, to) }),
    },
    refused: new Map(
      [...refused].filter(([row]) => row >= from && row < to).map(([row, e]) => [row - from, e]),
    ),
  });
  return [slice(0, half), slice(half, batch.numRows)];
}

/** Of each row what `of` answers; where that throws, `fallback`, and the row is refused. */
function perRow<T>(
  rows: number,
  refused: Map<number, MillraceError>,
  fallback: T,
  of: (row: number) => T,
): T[] {
  return Array.from({ length: rows }, (_, row) => {
    try {
      return of(row);
    } catch (error) {
      // What throws besides errors of ours is the caller's function.
      if (!refused.has(row)) refused.set(row, MillraceError.from(error, 'CONSUMER_FAILED'));
      return fallback;
    }
  });
}

function chosenOf(
  batch: RecordBatch,
  partitioner: Exclude<RowSinkSettings['partitioner'], string>,
  partitions: number,
  refused: Map<number, MillraceError>,
): Int32Array {
  const { numRows } = batch;
  if ('row' in partitioner) {
    const choose = (row: number) => partitioner.row(batch.get(row)?.toJSON(), partitions);
    const chosen = perRow(numRows, refused, 0, (row) =>
      checkPartition(choose(row), partitions, 'the partitioner'),
    );
    return Int32Array.from(chosen);
  }
  return perBatch(batch, partitioner, partitions, refused);
}

// What the function for whole batches answers; where it fails all rows of the piece are refused.
function perBatch(
  batch: RecordBatch,
  partitioner: Exclude<RowSinkSettings['partitioner'], string>,
  partitions: number,
  refused: Map<number, MillraceError>,
): Int32Array {
  const { numRows } = batch;
  try {
    const chosen: unknown =
      'batch' in partitioner ? partitioner.batch(batch, partitions) : undefined;
    if (chosen instanceof Int32Array && chosen.length === numRows) {
      for (const partition of chosen) checkPartition(partition, partitions, 'the partitioner');
      return chosen;
    }
    const found = chosen instanceof Int32Array ? `${chosen.length} of them` : typeof chosen;
    throw new MillraceError(
      `the partitioner must answer an Int32Array with a partition for each of ${numRows} rows, ` +
        `not ${found}`,
      { code: 'INVALID_OPTION', context: { option: 'partitioner' } },
    );
  } catch (error) {
    const problem = MillraceError.from(error, 'CONSUMER_FAILED');
    for (let row = 0; row < numRows; row++) refused.set(row, problem);
    return new Int32Array(numRows);
  }
}

function hasBytes(schema: Schema, name: string): boolean {
  return BYTES_KINDS.includes(kindOf(schema, name));
}

function kindOf(schema: Schema, name: string): DataType['kind'] {
  const field = schema.fields.find((column) => column.name === name);
  if (field !== undefined) return field.type.kind;
  const names = schema.fields.map((column) => column.name).join(', ');
  throw new MillraceError(`there is no column "${name}" in the batch; it has ${names}`, {
    code: 'UNKNOWN_COLUMN',
    context: { column: name },
  });
}

function bytesColumn(schema: Schema, name: string): string {
  if (hasBytes(schema, name)) return name;
  throw mismatch(name, kindOf(schema, name), anyOf(BYTES_KINDS));
}

function numberColumn(schema: Schema, name: string): string {
  const kind = kindOf(schema, name);
  if (INTEGER_KINDS.includes(kind)) return name;
  throw mismatch(name, kind, anyOf(INTEGER_KINDS));
}

function keysOf(
  batch: RecordBatch,
  schema: Schema,
  key: string | ((row: unknown) => KeyInput),
  refused: Map<number, MillraceError>,
): (Uint8Array | null)[] {
  if (typeof key === 'function') {
    return perRow(batch.numRows, refused, null, (row) => keyBytes(key(batch.get(row)?.toJSON())));
  }
  kindOf(schema, key);
  const column = batch.getChild(key);
  return perRow(batch.numRows, refused, null, (row) => keyBytes(column?.get(row) as KeyInput));
}

function mismatch(column: string, type: string, wanted: string): MillraceError {
  return new MillraceError(
    `the column "${column}" of the partitioner is ${type}; it takes ${wanted}`,
    {
      code: 'TYPE_MISMATCH',
      context: { column, type },
    },
  );
}

function tooLarge(row: number): MillraceError {
  return new MillraceError(`row ${row} does not fit into the memory`, {
    code: 'MESSAGE_TOO_LARGE',
    context: { row },
  });
}
