/** JSON texts of an Arrow vector, checked: writers copy them as they are. */
import type { Data } from 'apache-arrow';
import { MillraceError } from '../errors.ts';
import { type VariableValues, variableValues } from './variable-values.ts';

const MAX_SHOWN = 40;

/**
 * What a utf8 vector of JSON texts has.
 *
 * @throws MillraceError `INVALID_SCHEMA` where a text is no JSON value, or the batch is damaged.
 */
export function jsonValues(data: Data, path: string): VariableValues {
  const values = variableValues(data, path);
  const { buffer, byteOffset, byteLength } = data.values as Uint8Array;
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  const offsets = data.valueOffsets as Int32Array | BigInt64Array;
  for (let row = 0; row < data.length; row++) {
    if (!data.getValid(row)) continue;
    checkJson(bytes.toString('utf8', Number(offsets[row]), Number(offsets[row + 1])), path);
  }
  return values;
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
