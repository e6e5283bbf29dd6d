/**
 * Writes `wasm/case-table.cpp`: the simple case mappings of Unicode, from the tables of JavaScript.
 *
 *   node tools/case-table.ts
 *
 * JavaScript has the full mapping, where one character may become several. A character of that kind
 * takes the simple mapping: to the one that has it as its other case, if there is one (ß to ẞ).
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Range {
  readonly first: number;
  last: number;
  readonly delta: number;
  stride: number;
}

const CHARACTERS = 0x110000;

function single(text: string): number | undefined {
  const [first, second] = [...text];
  return second === undefined ? first?.codePointAt(0) : undefined;
}

function mapping(convert: (text: string) => string): Map<number, number> {
  const map = new Map<number, number>();
  for (let at = 0x80; at < CHARACTERS; at++) {
    if (at >= 0xd800 && at <= 0xdfff) continue;
    const other = single(convert(String.fromCodePoint(at)));
    if (other !== undefined && other !== at) map.set(at, other);
  }
  return map;
}

function rangesOf(map: ReadonlyMap<number, number>): Range[] {
  const ranges: Range[] = [];
  for (const [at, other] of [...map].sort(([a], [b]) => a - b)) {
    const delta = other - at;
    const range = ranges.at(-1);
    const step = range === undefined ? 0 : at - range.last;
    const fits = range?.delta === delta && (step === 1 || step === 2);
    if (range !== undefined && fits && (range.first === range.last || range.stride === step)) {
      range.last = at;
      range.stride = step;
    } else {
      ranges.push({ first: at, last: at, delta, stride: 1 });
    }
  }
  return ranges;
}

function rows(name: string, ranges: readonly Range[]): string {
  const hex = (value: number) => `0x${value.toString(16)}`;
  const cells = ranges.map(
    ({ first, last, delta, stride }) => `{${hex(first)}, ${hex(last)}, ${delta}, ${stride}},`,
  );
  const lines: string[] = [];
  for (const cell of cells) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + cell.length < 95) lines[lines.length - 1] += ` ${cell}`;
    else lines.push(`    ${cell}`);
  }
  return (
    `const CaseRange ${name}_RANGES[] = {\n${lines.join('\n')}\n};\n` +
    `const u32 ${name}_RANGE_COUNT = ${ranges.length};\n`
  );
}

const lower = mapping((text) => text.toLowerCase());
const upper = mapping((text) => text.toUpperCase());
for (const [at, other] of lower) {
  if (!upper.has(other) && single(String.fromCodePoint(other).toUpperCase()) === undefined) {
    upper.set(other, at);
  }
}
// The one letter whose lower case has a mark of its own.
lower.set(0x130, 0x69);

const text =
  `// Unicode ${process.versions.unicode}'s simple case mappings beyond ASCII; ` +
  'written by tools/case-table.ts.\n#include "case-mapping.h"\n\nnamespace millrace {\n\n' +
  [
    rows('LOWER', rangesOf(lower)),
    rows('UPPER', rangesOf(upper)),
    '}  // namespace millrace\n',
  ].join('\n');
writeFileSync(join(import.meta.dirname, '../wasm/case-table.cpp'), text);
