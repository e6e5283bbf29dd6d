/** Apart from `codec.ts`, so that the public types do not lead to the WebAssembly module's. */

/** Names of the codecs. */
export type CodecName = 'json' | 'string' | 'bytes';
