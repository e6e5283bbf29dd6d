/** The JSON codec: see `json-reader.ts` for what it accepts. */
import type { Codec } from './codec.ts';
import { createJsonDecoder } from './json-reader.ts';

/** Message values that are JSON objects. */
export const jsonCodec: Omit<Codec, 'encoder'> = {
  name: 'json',
  contentType: 'application/json',
  decoder: createJsonDecoder,
};
