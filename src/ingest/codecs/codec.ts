/** What every codec offers: values of records to columns, and selected rows to values. */
import type { Schema } from '../../arrow/schema.ts';
import type { ColumnSet, Selection } from '../../arrow/selection.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import type { CodecName } from './codec-name.ts';

/** What a decoder is made from; plain data. */
export interface DecoderOptions {
  /** Every column that the messages may have. */
  readonly schema: Schema;
  /** Names of the columns that the plan reads; only these are made. */
  readonly columns: readonly string[];
  /** `full`: check the types of columns that nothing reads, too. Default `projected`. */
  readonly validate: 'projected' | 'full';
  /** What a field that the schema does not name is. Default `ignore`. */
  readonly unknown: 'ignore' | 'error';
}

/** A message that does not decode. Its row is null in every column and is not selected. */
export interface Reject {
  /** Row of the morsel. */
  readonly row: number;
  /** What was wrong, in words, with the column's name where one is to blame. */
  readonly reason: string;
  /** Short code: `syntax`, `utf8`, `type`, `range`, `missing`, `null`, `unknown-field`, … */
  readonly code: string;
  /** Byte of the message where it was found, from 0. */
  readonly position: number;
  /** The column to blame, if one is. */
  readonly column?: string;
}

/** What one decode gives. */
export interface Decoded {
  /** Exactly the columns that were asked for; as many rows as there are records. */
  readonly columns: ColumnSet;
  /** In row order; at most `MAX_REJECTS` are described, `rejectCount` counts all. */
  readonly rejects: readonly Reject[];
  readonly rejectCount: number;
  /** Every row but the rejected ones. */
  readonly selection: Selection;
}

/** Message values to columns. One per instance; it may learn from what it sees. */
export interface Decoder {
  /**
   * Decodes every record of `records` (the address of a `Records`, see `wasm/abi.h`) into the open
   * lease.
   *
   * @throws ArenaFull where the lease is too small.
   */
  decode(records: number): Decoded;
}

/**
 * Selected rows to message values. The C++ side of an encoder is a *value writer* that the record
 * batch writer calls per row; `handle` is its program.
 */
export interface Encoder {
  /** Which value writer, a `WRITER_*` number of `wasm/abi.h`. */
  readonly writer: number;
  /** Address of its program in the state heap. */
  readonly handle: number;
  /** Names of the columns it writes, in order. */
  readonly columns: readonly string[];
  /** Puts the columns of a morsel in place before rows are written. */
  bind(columns: ColumnSet): void;
}

/** A codec: decoder and encoder factories over one instance. */
export interface Codec {
  readonly name: CodecName;
  /** MIME type of the encoded value. */
  readonly contentType: string;
  decoder(wasm: WasmInstance, options: DecoderOptions): Decoder;
  /** @param schema the columns to write, in order. */
  encoder(wasm: WasmInstance, schema: Schema): Encoder;
}

/** How many rejects of one morsel are described; the rest are counted. */
export const MAX_REJECTS = 1_000;
