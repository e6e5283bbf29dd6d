/** One value of one column through the JSON decoder, for tests. */
import type { FieldLiteral } from '../../../src/arrow/schema-literal.ts';
import type { Reject } from '../../../src/ingest/codecs/codec.ts';
import type { Value } from '../../wasm/columns.ts';
import { RowDecoder } from './decode-rows.ts';

/** What stands before the value in its message. */
export const BEFORE_VALUE = '{"x":';

/** The message `{"x":…}` under a schema of the one column `x`: its value, or the reject's code. */
export function readOne(type: FieldLiteral, text: string): Value | { reject: string } {
  const { rows, decoded } = new RowDecoder({ x: type }, { megabytes: 24 }).decode([
    `${BEFORE_VALUE}${text}}`,
  ]);
  const [reject] = decoded.rejects;
  return reject === undefined ? rows[0]!.x! : { reject: reject.code };
}

/** The reject of that message, if it is one. */
export function rejectOfOne(type: FieldLiteral, text: string): Reject | undefined {
  const decoder = new RowDecoder({ x: type }, { megabytes: 24 });
  return decoder.decode([`${BEFORE_VALUE}${text}}`]).decoded.rejects[0];
}
