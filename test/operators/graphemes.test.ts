/** What stays together where a text is reversed, against the segmenter of JavaScript. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { col } from '../../src/operators/expr.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';
import { Random, SEED } from './random.ts';
import { valuesOf } from './run-expr.ts';

const PLANES = 2 * 0x10000;
/** Rows of one column. */
const CHUNK = 16_384;
const TEXTS = 5_000;
const MOST_CHARACTERS = 12;

const table = readFileSync(new URL('../../wasm/grapheme-table.cpp', import.meta.url), 'utf8');
// Another Node may know other characters.
const isSameUnicode = table.includes(`by Unicode ${process.versions.unicode}.`);

const wasm = makeInstance({ megabytes: 32 });
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

function reversed(text: string): string {
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
    .reverse()
    .join('');
}

const codes = (text: unknown) =>
  Array.from(String(text), (one) => one.codePointAt(0)!.toString(16)).join(' ');

function check(texts: readonly string[]): void {
  openArena(wasm);
  wasm.exports.state_reset();
  const here = valuesOf(wasm, col('t').reverse(), { t: ['utf8', texts] });
  for (const [i, text] of texts.entries()) {
    if (here[i] === reversed(text)) continue;
    expect(codes(here[i]), `${codes(text)} (seed ${SEED})`).toBe(codes(reversed(text)));
  }
}

const characters = Array.from({ length: PLANES }, (_, i) => i)
  .filter((i) => i < 0xd800 || i > 0xdfff)
  .map((i) => String.fromCodePoint(i));

test('Indic conjuncts', () => {
  check(['हिन्दी', 'ক্ষ', 'నమస్కారం', 'क\u094d\u200dष', 'क\u093c\u094d\u093cष', 'क\u0a4dक']);
  // What a joiner that forbids it, a mark that takes room, or another letter parts.
  check(['क\u094d\u200cष', 'क\u094d\u0903ष', 'क\u094daष', 'a\u094dष', '\u094dष', 'कष', 'क\u200dष']);
});

test.runIf(isSameUnicode)('every character behind, between and before others', () => {
  for (let at = 0; at < characters.length; at += CHUNK) {
    check(
      characters
        .slice(at, at + CHUNK)
        .map((one) => `a${one}क${one}\u094dक\u094d${one}क${one}👨${one}\u200d👨${one}a`),
    );
  }
});

test.runIf(isSameUnicode)('random texts of characters that stay together', () => {
  const random = new Random(SEED);
  const marks = characters.filter((one) => /\p{M}|\p{Cf}|\p{Extended_Pictographic}/u.test(one));
  const others = [...'aक\u094dষ\u09cdক👨🙂🇩🇪각각\u200d\u200c\u093c\r\n', ...marks];
  const common = [...'aकष\u094dক\u09cd\u200d\u200c\u093c👨🇩'];
  const drawn = () => random.pick(random.next() < 0.6 ? common : others);
  check(
    Array.from({ length: TEXTS }, () =>
      Array.from({ length: random.below(MOST_CHARACTERS) }, drawn).join(''),
    ),
  );
});
