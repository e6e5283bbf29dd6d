/** Bytes that are not what their codec writes; the message says what was found. */
export class BadCompression extends Error {
  override readonly name = 'BadCompression';
}
