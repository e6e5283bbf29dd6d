/**
 * Patterns of `format` and `parseTime`: strftime's letters, as DuckDB has them, and the bytes that
 * `wasm/kernels-time-format.cpp` and `wasm/kernels-time-parse.cpp` go by:
 *
 *   u8                       what makes the day when parsing: d, j, U, W or G
 *   0x01 u16 length, bytes   literal text
 *   letter                   | 0x80: without leading zeros
 *   0x00                     the end
 */

interface Letter {
  /** Bytes that it is at most. */
  readonly most: number;
  /** Whether dates have it, times of day, or timestamps alone. */
  readonly of: 'day' | 'clock' | 'zone';
  /** Whether `%-` before it drops leading zeros. */
  readonly unpadded?: true;
}

const YEAR: Letter = { most: 16, of: 'day' };
const TWO_OF_DAY: Letter = { most: 2, of: 'day', unpadded: true };
const TWO_OF_CLOCK: Letter = { most: 2, of: 'clock', unpadded: true };

const LETTERS: Readonly<Record<string, Letter>> = {
  Y: YEAR,
  y: TWO_OF_DAY,
  m: TWO_OF_DAY,
  d: TWO_OF_DAY,
  H: TWO_OF_CLOCK,
  I: TWO_OF_CLOCK,
  p: { most: 2, of: 'clock' },
  M: TWO_OF_CLOCK,
  S: TWO_OF_CLOCK,
  g: { most: 3, of: 'clock' },
  f: { most: 6, of: 'clock' },
  n: { most: 9, of: 'clock' },
  z: { most: 3, of: 'zone' },
  Z: { most: 3, of: 'zone' },
  a: { most: 3, of: 'day' },
  A: { most: 9, of: 'day' },
  b: { most: 3, of: 'day' },
  B: { most: 9, of: 'day' },
  j: { most: 3, of: 'day', unpadded: true },
  w: { most: 1, of: 'day' },
  u: { most: 1, of: 'day' },
  U: { most: 2, of: 'day' },
  W: { most: 2, of: 'day' },
  V: { most: 2, of: 'day' },
  G: YEAR,
};

/** Letters that stand for others. */
const SHORT: Readonly<Record<string, string>> = {
  h: '%b',
  c: '%Y-%m-%d %H:%M:%S',
  x: '%Y-%m-%d',
  X: '%H:%M:%S',
  T: '%H:%M:%S',
};

const TEXT = 1;
const END = 0;
const UNPADDED = 0x80;
const MAX_TEXT_BYTES = 0xffff;

/** A piece of a pattern: a letter, or text. */
type Piece = { readonly letter: string; readonly unpadded: boolean } | { readonly text: string };

/** The pieces of a pattern, or why it is none. */
function piecesOf(format: string): readonly Piece[] | string {
  const pieces: Piece[] = [];
  const whole = format.replaceAll(/%%|%([hcxXT])/g, (match, letter) => SHORT[letter] ?? match);
  for (const [found, letter, text] of whole.matchAll(/%(-?[\s\S]?)|([^%]+)/g)) {
    if (text !== undefined) pieces.push({ text });
    else if (letter === '%') pieces.push({ text: '%' });
    else if (letter === '') return `it ends with a single %; write %% for a percent sign`;
    else {
      const name = letter!.at(-1)!;
      const known = Object.hasOwn(LETTERS, name) ? LETTERS[name] : undefined;
      const unpadded = letter!.length === 2;
      if (known === undefined || (unpadded && !known.unpadded))
        return `${found} is no letter of it`;
      pieces.push({ letter: name, unpadded });
    }
  }
  return pieces.length === 0 ? 'it is empty' : joined(pieces);
}

// Texts beside each other are one, so that runs of spaces stay one run.
function joined(pieces: readonly Piece[]): readonly Piece[] {
  const out: Piece[] = [];
  for (const piece of pieces) {
    const last = out.at(-1);
    if ('text' in piece && last !== undefined && 'text' in last) {
      out[out.length - 1] = { text: last.text + piece.text };
    } else {
      out.push(piece);
    }
  }
  return out;
}

/** What kind of value a pattern is for, or `parse`. */
export type PatternUse = 'date' | 'time' | 'timestamp' | 'parse';

/** Letters that other libraries double, and that would be text here: `YYYY-MM-DD`, `HH:mm`. */
const MEANT_FOR_OTHERS = /yy|mm|dd|hh|ss/i;

/** Why a pattern cannot be used, with the letters that can; undefined where it can. */
export function refusePattern(format: string, use: PatternUse): string | undefined {
  const pieces = piecesOf(format);
  const listed = () => Object.keys(LETTERS).filter((letter) => fits(letter, use));
  const letters = () =>
    `there are ${listed()
      .map((letter) => `%${letter}`)
      .join(' ')} %%, ` +
    `%c %x %X, and %-${listed()
      .filter((letter) => LETTERS[letter]!.unpadded)
      .join(' %-')}`;
  if (typeof pieces === 'string') return `'${format}' is no format: ${pieces}; ${letters()}`;
  const given = pieces.flatMap((piece) => ('letter' in piece ? [piece.letter] : []));
  if (given.length === 0 && MEANT_FOR_OTHERS.test(format)) {
    const example = use === 'time' ? '%H:%M:%S' : '%Y-%m-%d';
    return `'${format}' has no letter behind a %, such as '${example}'; ${letters()}`;
  }
  const wrong = given.find((letter) => !fits(letter, use));
  if (wrong !== undefined) {
    const what = use === 'parse' ? 'is not parsed' : `says nothing of a ${use}`;
    return `%${wrong} ${what}; ${letters()}`;
  }
  if (use === 'parse' && dayFrom(given) === undefined) {
    return `'${format}' says the day twice; keep one: a month and a day, %j, %U, %W, or %G %V`;
  }
  return undefined;
}

function fits(letter: string, use: PatternUse): boolean {
  // A zone's name says nothing of its offset on a day.
  if (use === 'parse') return letter !== 'Z';
  return use !== 'time' || LETTERS[letter]!.of === 'clock';
}

/** What makes the day of a text by its letters in order, as DuckDB has it; undefined: too much. */
function dayFrom(letters: readonly string[]): string | undefined {
  let from = '';
  const seen = new Set<string>();
  for (const letter of letters) {
    const isIso = from === 'G';
    if (letter === 'm' || letter === 'd') from = 'd';
    else if (letter === 'y' || letter === 'Y') from = from === '' || isIso ? 'Y' : from;
    else if (letter === 'G' || letter === 'V') {
      if ((isIso && seen.has(letter)) || ['j', 'U', 'W'].includes(from)) return undefined;
      from ||= 'G';
    } else if (letter === 'j' || letter === 'U' || letter === 'W') {
      if (isIso || ['j', 'U', 'W'].includes(from)) return undefined;
      if (from === '' || from === 'Y') from = letter;
    } else if (letter === 'u' && seen.has('u')) return undefined;
    seen.add(letter);
  }
  return from === '' || from === 'Y' ? 'd' : from;
}

/** A pattern as a kernel goes by it. */
export interface CompiledPattern {
  readonly bytes: Uint8Array;
  /** Bytes that a text by it has at most. */
  readonly most: number;
  /** Its letters, in order. */
  readonly letters: readonly string[];
}

/** The bytes of a pattern that {@link refusePattern} lets pass. */
export function compilePattern(format: string): CompiledPattern {
  const pieces = piecesOf(format) as readonly Piece[];
  const letters = pieces.flatMap((piece) => ('letter' in piece ? [piece.letter] : []));
  const parts: Uint8Array[] = [Buffer.from(dayFrom(letters) ?? 'd')];
  let most = 0;
  for (const piece of pieces) {
    if ('letter' in piece) {
      const op = piece.letter.charCodeAt(0) | (piece.unpadded ? UNPADDED : 0);
      parts.push(Uint8Array.of(op));
      most += LETTERS[piece.letter]!.most;
      continue;
    }
    const text = Buffer.from(piece.text);
    most += text.length;
    for (let at = 0; at < text.length; at += MAX_TEXT_BYTES) {
      const bytes = text.subarray(at, at + MAX_TEXT_BYTES);
      parts.push(Uint8Array.of(TEXT, bytes.length & 0xff, bytes.length >> 8), bytes);
    }
  }
  parts.push(Uint8Array.of(END));
  return { bytes: Buffer.concat(parts), most, letters };
}
