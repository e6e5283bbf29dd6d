/** Regular expressions over texts that differ: decoded many at once, each row for itself. */
import { expect, test } from 'vitest';
import { col } from '../../src/operators/expr.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';
import { Random, SEED } from './random.ts';
import { valuesOf } from './run-expr.ts';

const wasm = makeInstance({ megabytes: 64 });
const t = col('t');
// Of 1 to 4 bytes, and of one unit or two.
const CHARACTERS = ['a', 'b', '7', ' ', 'é', 'ß', '€', '日', '🙂', '𝒳'];

function randomTexts(random: Random, count: number, characters: number): (string | null)[] {
  return Array.from({ length: count }, (_, i) => {
    if (random.next() < 0.05) return null;
    const length = random.below(30);
    const text = Array.from({ length }, () => CHARACTERS[random.below(characters)]).join('');
    return random.next() < 0.1 ? '' : `${text}${i}`;
  });
}

function check(values: readonly (string | null)[], rows?: readonly number[]): void {
  const selected = rows ?? values.map((_, row) => row);
  const of = (compute: (text: string) => string | boolean) =>
    selected.map((row) => (values[row] === null ? null : compute(values[row]!)));
  const run = (expr: typeof t) => {
    openArena(wasm);
    const options = rows === undefined ? {} : { rows };
    return valuesOf(wasm, expr, { t: ['utf8', values] }, options);
  };
  const pattern = /(?<=a).([^a]+)\d$/u;
  expect(run(t.regexpMatch(pattern))).toEqual(of((text) => pattern.test(text)));
  const extract = of((text) => pattern.exec(text)?.[1] ?? '');
  expect(run(t.regexpExtract(pattern, 1))).toEqual(extract);
}

test.for([4, 6, CHARACTERS.length])('texts that differ, of %d characters', (characters) => {
  const random = new Random(SEED);
  for (const count of [0, 1, 1023, 1024, 1025, 6000]) {
    const values = randomTexts(random, count, characters);
    check(values);
    const all = values.map((_, row) => row);
    check(
      values,
      all.filter(() => random.next() < 0.5),
    );
    check(values.map((value) => value ?? 'a7'));
  }
});

test('a text that is longer than what is decoded at once, among short ones', () => {
  const long = `${'日a'.repeat(40_000)}7`;
  const values = ['a7', long, 'b', long, 'é', ...Array.from({ length: 2000 }, (_, i) => `x${i}`)];
  check(values);
});

test('texts that repeat only behind the trial are right, too', () => {
  const differ = Array.from({ length: 1500 }, (_, i) => `a${i}-${i}`);
  check([...differ, ...differ, ...differ]);
  // And those that repeat at first.
  check([...new Array<string>(1500).fill('ab7'), ...differ]);
});

test('half a character that a pattern cuts off is U+FFFD, beside the other half, too', () => {
  const values = Array.from({ length: 2000 }, (_, i) => (i % 2 === 0 ? `🙂${i}` : `${i}🙂`));
  // Only what does not compile with the flag `u` matches halves.
  const halves = /^[\ud800-\udbff]|[\udc00-\udfff]$|a{/;
  openArena(wasm);
  const found = valuesOf(wasm, t.regexpExtract(halves), { t: ['utf8', values] });
  expect(new Set(found)).toEqual(new Set(['\ufffd']));
});

test('a pattern runs once a row where texts differ, once a text where they repeat', () => {
  const { test: original } = RegExp.prototype;
  let runs = 0;
  RegExp.prototype.test = function (this: RegExp, text: string) {
    if (this.source === '1$') runs += 1;
    return original.call(this, text);
  };
  try {
    const runsOf = (values: string[]) => {
      runs = 0;
      openArena(wasm);
      valuesOf(wasm, t.regexpMatch(/1$/), { t: ['utf8', values] });
      return runs;
    };
    const differ = Array.from({ length: 3000 }, (_, i) => `text ${i}`);
    // Every text comes twice, but not among the first.
    expect(runsOf([...differ, ...differ])).toBe(6000);
    // Half of the first ones come again.
    expect(runsOf(differ.flatMap((text) => [text, text]))).toBe(3000);
  } finally {
    RegExp.prototype.test = original;
  }
});
