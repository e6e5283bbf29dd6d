/** Messages through a JSON decoder to plain rows, for tests. */

import type { Schema } from '../../../src/arrow/schema.ts';
import { type SchemaLiteral, toSchema } from '../../../src/arrow/schema-literal.ts';
import type { Decoded, Decoder, DecoderOptions } from '../../../src/ingest/codecs/codec.ts';
import { createJsonDecoder } from '../../../src/ingest/codecs/json-reader.ts';
import type { WasmInstance } from '../../../src/wasm/instance.ts';
import { columnToValues, type Value } from '../../wasm/columns.ts';
import { makeInstance, makeRecords, openArena, utf8Values } from '../../wasm/harness.ts';

/** A decode as rows. */
export interface DecodedRows {
  /** Every row, rejected ones too, as `{ column: value }`. */
  readonly rows: readonly Record<string, Value>[];
  /** Rows that are selected. */
  readonly selected: readonly number[];
  readonly decoded: Decoded;
}

/** A decoder on its own instance, which keeps what it learned from call to call. */
export class RowDecoder {
  readonly wasm: WasmInstance;
  readonly schema: Schema;
  readonly decoder: Decoder;

  constructor(
    schema: SchemaLiteral | Schema,
    options: Partial<DecoderOptions> & { readonly megabytes?: number } = {},
  ) {
    this.wasm = makeInstance({ megabytes: options.megabytes ?? 48 });
    this.schema = isSchema(schema) ? schema : toSchema(schema);
    this.decoder = createJsonDecoder(this.wasm, {
      schema: this.schema,
      columns: options.columns ?? this.schema.fields.map(({ name }) => name),
      validate: options.validate ?? 'projected',
      unknown: options.unknown ?? 'ignore',
    });
  }

  /** Decodes messages, given as text or bytes; null is a tombstone. */
  decode(messages: readonly (string | Uint8Array | null)[]): DecodedRows {
    openArena(this.wasm);
    const values = messages.map((message) =>
      typeof message === 'string' ? utf8Values([message])[0]! : message,
    );
    return this.decodeRecords(makeRecords(this.wasm, values), values.length);
  }

  /** Decodes records that lie in the arena already. */
  decodeRecords(records: number, count: number): DecodedRows {
    const decoded = this.decoder.decode(records);
    const rows = Array.from({ length: count }, (): Record<string, Value> => ({}));
    for (const [name, address] of decoded.columns) {
      const field = this.schema.fields.find((candidate) => candidate.name === name)!;
      const values = columnToValues(this.wasm, address, field.type);
      for (const [row, value] of values.entries()) rows[row]![name] = value;
    }
    return { rows, decoded, selected: selectedRows(this.wasm, decoded) };
  }
}

function isSchema(schema: SchemaLiteral | Schema): schema is Schema {
  return 'fields' in schema && Array.isArray(schema.fields) && typeof schema.fields[0] === 'object';
}

function selectedRows(wasm: WasmInstance, { selection }: Decoded): number[] {
  const { address, count } = selection;
  if (address === 0) return Array.from({ length: count }, (_, row) => row);
  return [...wasm.u32.subarray(address >>> 2, (address >>> 2) + count)];
}
