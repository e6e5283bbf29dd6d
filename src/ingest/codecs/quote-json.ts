/** What stands at a byte of a JSON message, in words and quoted: for what is told of rejects. */

// How much of a value is quoted.
const MAX_QUOTED_BYTES = 40;
// Four bytes of UTF-8 are one character at most.
const MAX_CHARACTER_BYTES = 4;
// Not letters, marks, digits, signs or the space; what a decoder makes of bytes that are no UTF-8.
const UNPRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]|\ufffd/gu;

const WHOLE_STRING = /^"(\\.|[^"\\])*"$/su;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** What stands at byte `position`, as people call it: a number, a string with its text, …. */
export function valueAt(message: Uint8Array, position: number): string {
  const byte = message[position];
  if (byte === undefined) return 'the end of the message';
  const start = String.fromCharCode(byte);
  if (start === '"') return `a string, ${quoteAs(/^"(\\.|[^"\\])*"?/su, message, position)}`;
  if (start === '{') return `an object, ${quoteContainer(message, position)}`;
  if (start === '[') return `an array, ${quoteContainer(message, position)}`;
  if (/[-0-9]/.test(start)) return `the number ${numberAt(message, position)}`;
  if (/[tf]/.test(start)) {
    return `a boolean or a word, ${quoteAs(/^[a-z]+/iu, message, position)}`;
  }
  if (/[a-z]/i.test(start)) return quoteAs(/^[a-z]+/iu, message, position);
  if (byte >= 0x20 && byte < 0x7f) return quoteAs(/^.*/su, message, position);
  return `byte 0x${byte.toString(16).padStart(2, '0')}`;
}

/** The rest of the string in which byte `position` lies. */
export function restOfString(message: Uint8Array, position: number): string {
  return quoteAs(/^(\\.|[^"\\])*/su, message, position);
}

/** A text in quotes, as JSON, cut and made printable like what is quoted of a message. */
export function quoteText(text: string): string {
  const bytes = Buffer.from(JSON.stringify(text));
  const { text: cut, isCut } = textAt(bytes, 0);
  return `${printable(cut)}${isCut ? '…' : ''}`;
}

interface Cut {
  readonly text: string;
  /** The message goes on behind it. */
  readonly isCut: boolean;
}

// Cut at a character: one that the limit divides is left out.
function textAt(message: Uint8Array, position: number): Cut {
  const limit = position + MAX_QUOTED_BYTES;
  let end = Math.min(limit, message.length);
  for (let i = 0; i < MAX_CHARACTER_BYTES && isInCharacter(message[end]); i++) end--;
  // A copy: no decoder takes shared memory.
  const text = utf8.decode(Uint8Array.from(message.subarray(position, end)));
  return { text, isCut: limit < message.length };
}

function isInCharacter(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

function printable(text: string): string {
  return text.replace(UNPRINTABLE, '.');
}

// What the form matches; an ellipsis where that may go on behind what is quoted.
function cutAs(form: RegExp, message: Uint8Array, position: number): Cut {
  const { text, isCut } = textAt(message, position);
  const matched = form.exec(text)?.[0] ?? text;
  const isWhole = matched.length < text.length || WHOLE_STRING.test(matched);
  return { text: printable(matched), isCut: isCut && !isWhole };
}

function quoteAs(form: RegExp, message: Uint8Array, position: number): string {
  const { text, isCut } = cutAs(form, message, position);
  return `\`${text}${isCut ? '…' : ''}\``;
}

function numberAt(message: Uint8Array, position: number): string {
  const { text, isCut } = cutAs(/^[-+0-9.eE]*/u, message, position);
  return isCut ? `${text}…` : text;
}

function quoteContainer(message: Uint8Array, position: number): string {
  const { text, isCut } = textAt(message, position);
  const end = endOfContainer(text);
  const shown = printable(text.slice(0, end));
  return `\`${shown}${isCut && end === undefined ? '…' : ''}\``;
}

// Behind the bracket that closes the first one; `undefined`: there is none.
function endOfContainer(text: string): number | undefined {
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"(\\.|[^"\\])*("|$)|[{}[\]]/gsu)) {
    if (token === '{' || token === '[') depth++;
    if (token === '}' || token === ']') depth--;
    if (depth === 0) return index + token.length;
  }
  return undefined;
}
