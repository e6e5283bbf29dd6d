/** The text of a message, or none. */
import { isUtf8 } from 'node:buffer';

/** What bytes that are no UTF-8 are told as; `JSON.parse` throws a `SyntaxError`. */
export class NoTextError extends Error {}

/**
 * Bytes as text. What is no UTF-8 becomes U+FFFD, so that only a text with one has to be checked.
 *
 * @throws NoTextError for bytes that are no UTF-8.
 */
export function textOf(bytes: Buffer): string {
  const text = bytes.toString();
  if (text.includes('\ufffd') && !isUtf8(bytes)) throw new NoTextError();
  return text;
}
