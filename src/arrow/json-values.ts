/** JSON texts of an Arrow vector, checked: writers copy them as they are. */
import type { Data } from 'apache-arrow';
import { MillraceError } from '../errors.ts';
import { pending } from './fixed-values.ts';
import { rawValues, type VariableValues } from './variable-values.ts';

const MAX_SHOWN = 40;

/**
 * What a utf8 vector of JSON texts has.
 *
 * @throws MillraceError `INVALID_SCHEMA` where a text is no JSON value, or the batch is damaged.
 */
export function jsonValues(data: Data, path: string): VariableValues {
  const { offsets, bytes, first, end } = rawValues(data, path);
  const texts = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let row = 0; row < data.length; row++) {
    if (!data.getValid(row)) continue;
    checkJson(texts.toString('utf8', offsets[row], offsets[row + 1]), path);
  }
  return { offsets: pending(offsets), bytes: pending(bytes), first, end };
}

function checkJson(text: string, path: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    const shown = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
    throw new MillraceError(
      `column '${path}' has '${shown}', which is not the JSON value that its type says; ` +
        'give the column as plain text, without the extension type arrow.json',
      { code: 'INVALID_SCHEMA', context: { column: path }, cause: error },
    );
  }
}
