/** Message values as text: one utf8 column. */
import type { Schema } from '../../arrow/schema.ts';
import type { Codec } from './codec.ts';
import { createValueDecoder, createValueEncoder } from './value-codec.ts';

/** The schema of the string codec where the user gives none. */
export const STRING_SCHEMA: Schema = {
  fields: [{ name: 'value', type: { kind: 'utf8' }, nullable: true }],
};

/**
 * Values to one utf8 column and back. A value that is not valid UTF-8 is a reject, and so is a null
 * value unless the column is nullable; a null row becomes a null value.
 */
export const stringCodec: Codec = {
  name: 'string',
  contentType: 'text/plain',
  decoder: (wasm, options) => createValueDecoder(wasm, options, 'string', 'utf8'),
  encoder: (wasm, schema) => createValueEncoder(wasm, schema, 'string', 'utf8'),
};
