/** Codecs by name. */
import { MillraceError } from '../../errors.ts';
import { shownJson } from '../../shown-value.ts';
import { bytesCodec } from './bytes.ts';
import type { Codec } from './codec.ts';
import type { CodecName } from './codec-name.ts';
import { jsonCodec } from './json.ts';
import { stringCodec } from './string.ts';

const CODECS: Readonly<Record<CodecName, Codec>> = {
  json: jsonCodec,
  string: stringCodec,
  bytes: bytesCodec,
};

/** Names of all codecs, for messages and options. */
export const CODEC_NAMES = Object.freeze(Object.keys(CODECS)) as readonly CodecName[];

/**
 * The codec of that name.
 *
 * @throws MillraceError `INVALID_OPTION` where there is none; plans from JavaScript are not typed.
 */
export function codecByName(name: CodecName): Codec {
  if (Object.hasOwn(CODECS, name)) return CODECS[name];
  throw new MillraceError(
    `there is no codec ${shownJson(name)}; the codecs are ${CODEC_NAMES.join(', ')}`,
    { code: 'INVALID_OPTION', context: { codec: String(name) } },
  );
}
