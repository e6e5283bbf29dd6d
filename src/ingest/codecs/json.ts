/** The JSON codec: `json-reader.ts` says what it accepts, `json-writer.ts` what it writes. */
import type { Codec } from './codec.ts';
import { createJsonDecoder } from './json-reader.ts';
import { createJsonEncoder } from './json-writer.ts';

/** Message values that are JSON objects. */
export const jsonCodec: Codec = {
  name: 'json',
  contentType: 'application/json',
  decoder: createJsonDecoder,
  encoder: createJsonEncoder,
};
