/** Message values as they are: one binary column. */
import type { Schema } from '../../arrow/schema.ts';
import type { Codec } from './codec.ts';
import { createValueDecoder, createValueEncoder } from './value-codec.ts';

/** The schema of the bytes codec where the user gives none. */
export const BYTES_SCHEMA: Schema = {
  fields: [{ name: 'value', type: { kind: 'binary' }, nullable: true }],
};

/**
 * Values to one binary column and back, byte for byte. A null value is a reject unless the column
 * is nullable; a null row becomes a null value.
 */
export const bytesCodec: Codec = {
  name: 'bytes',
  contentType: 'application/octet-stream',
  decoder: (wasm, options) => createValueDecoder(wasm, options, 'bytes', 'binary'),
  encoder: (wasm, schema) => createValueEncoder(wasm, schema, 'bytes', 'binary'),
};
