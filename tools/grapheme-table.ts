/**
 * Writes `wasm/grapheme-table.cpp`: which characters belong together, by the tables of JavaScript.
 *
 *   node tools/grapheme-table.ts
 *
 * Kinds are found by trying what a segmenter does with a letter before or behind the character.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** `GraphemeKind` in `wasm/grapheme.h`. */
type Kind =
  | 'EXTEND'
  | 'LINKER'
  | 'SPACING'
  | 'PREPEND'
  | 'CONTROL'
  | 'PICTURE'
  | 'REGION'
  | 'CONSONANT';

interface Range {
  readonly first: number;
  last: number;
  readonly kind: Kind;
}

const CHARACTERS = 0x110000;
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
const isOne = (text: string): boolean => [...segmenter.segment(text)].length === 1;

function kindOf(character: string): Kind | undefined {
  if (/\p{Regional_Indicator}/u.test(character)) return 'REGION';
  if (/\p{Extended_Pictographic}/u.test(character)) return 'PICTURE';
  // Devanagari's KA, VIRAMA, KA are one.
  if (isOne(`\u0915${character}\u0915`)) return 'LINKER';
  if (isOne(`${character}\u094d\u0915`)) return 'CONSONANT';
  if (isOne(`a${character}`)) {
    return isOne(`\u{1f642}${character}\u200d\u{1f468}`) ? 'EXTEND' : 'SPACING';
  }
  if (!isOne(`${character}\u0301`)) return 'CONTROL';
  return isOne(`${character}a`) ? 'PREPEND' : undefined;
}

function ranges(): readonly Range[] {
  const found: Range[] = [];
  for (let at = 0x80; at < CHARACTERS; at++) {
    if (at >= 0xd800 && at <= 0xdfff) continue;
    const kind = kindOf(String.fromCodePoint(at));
    if (kind === undefined) continue;
    const range = found.at(-1);
    if (range?.kind === kind && range.last === at - 1) range.last = at;
    else found.push({ first: at, last: at, kind });
  }
  return found;
}

const hex = (value: number): string => `0x${value.toString(16)}`;
const all = ranges();
const lines: string[] = [];
for (const { first, last, kind } of all) {
  const cell = `{${hex(first)}, ${hex(last)}, ${kind}},`;
  const line = lines.at(-1);
  if (line !== undefined && line.length + cell.length < 95) lines[lines.length - 1] += ` ${cell}`;
  else lines.push(`    ${cell}`);
}
const kinds = [...new Set(all.map(({ kind }) => kind))]
  .map((kind) => `constexpr GraphemeKind ${kind} = GRAPHEME_${kind};`)
  .join('\n');
const { unicode } = process.versions;
const text = `// Characters beyond ASCII that stick to others, by Unicode ${unicode}.
// Written by tools/grapheme-table.ts.
#include "grapheme.h"

namespace millrace {

namespace {

${kinds}

}  // namespace

const GraphemeRange GRAPHEME_RANGES[] = {
${lines.join('\n')}
};
const u32 GRAPHEME_RANGE_COUNT = ${all.length};

}  // namespace millrace
`;
writeFileSync(join(import.meta.dirname, '../wasm/grapheme-table.cpp'), text);
