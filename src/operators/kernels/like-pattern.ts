/** SQL's like patterns, taken apart for `wasm/kernels-like.cpp`. */

/** One byte each: what it is, and how it is meant (`like_new` in the module). */
export interface LikePattern {
  readonly bytes: Uint8Array;
  /** 0 the byte itself, 1 any one character, 2 any text. */
  readonly kinds: Uint8Array;
}

const LITERAL = 0;
const ANY_CHARACTER = 1;
const ANY_TEXT = 2;

/**
 * A pattern as bytes and what they mean, or, as text, why it is none.
 *
 * @param mark the escape, one character; what follows it is itself. Default: none.
 */
export function compileLike(pattern: string, mark = ''): LikePattern | string {
  if ([...mark].length > 1) return `escape is one character, not '${mark}'`;
  const parts: [string, number][] = [];
  const characters = [...pattern];
  for (let i = 0; i < characters.length; i++) {
    let character = characters[i]!;
    if (character === mark) {
      i += 1;
      const next = characters[i];
      if (next === undefined) return `the pattern '${pattern}' ends with its escape`;
      character = next;
      parts.push([character, LITERAL]);
    } else if (character === '%') parts.push([character, ANY_TEXT]);
    else parts.push([character, character === '_' ? ANY_CHARACTER : LITERAL]);
  }
  const encoded = parts.map(([character, kind]) => [Buffer.from(character), kind] as const);
  return {
    bytes: Buffer.concat(encoded.map(([bytes]) => bytes)),
    kinds: Buffer.concat(encoded.map(([bytes, kind]) => Buffer.alloc(bytes.length, kind))),
  };
}
