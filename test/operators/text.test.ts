import { beforeEach, expect, test } from 'vitest';
import { col, type Expr, lit } from '../../src/operators/expr.ts';
import { ArenaFull } from '../../src/wasm/instance.ts';
import type { Value } from '../wasm/columns.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';
import { Random, SEED } from './random.ts';
import { valuesOf } from './run-expr.ts';

const wasm = makeInstance({ megabytes: 32 });
beforeEach(() => {
  openArena(wasm);
  wasm.exports.state_reset();
});

const t = col('t');
const texts = (expr: Expr, values: readonly Value[], options = {}) =>
  valuesOf(wasm, expr, { t: ['utf8', values] }, options);
const valueOfOne = (expr: Expr, value: string) => texts(expr, [value])[0];

const ALPHABET = [...'aAbBzZ ,%_.-éÉßẞΣσςİıǆǅǄ', '€', '字', '🙂', '𐐀', '𐐨', 'e\u0301', '\u00a0'];

/** A text of up to `most` characters, some of them long runs of ASCII. */
function randomText(random: Random, most = 40): string {
  if (random.next() < 0.2) return 'Plain ASCII Text '.repeat(4).slice(0, random.below(60));
  return Array.from({ length: random.below(most) }, () => random.pick(ALPHABET)).join('');
}

const RANDOM_TEXTS = (() => {
  const random = new Random(SEED);
  return Array.from({ length: 500 }, () => (random.next() < 0.1 ? null : randomText(random)));
})();

/** Every row against a function of the text, with and without a selection, and as a constant. */
function check(expr: Expr, expected: (text: string) => Value): void {
  const want = (text: string | null) => (text === null ? null : expected(text));
  expect(texts(expr, RANDOM_TEXTS), `seed ${SEED}`).toEqual(RANDOM_TEXTS.map(want));
  const rows = RANDOM_TEXTS.map((_, row) => row).filter((row) => row % 7 < 2);
  openArena(wasm);
  const some = texts(expr, RANDOM_TEXTS, { rows });
  expect(some, `seed ${SEED}`).toEqual(rows.map((row) => want(RANDOM_TEXTS[row]!)));
  const constant = ['t'];
  for (const text of [null, '', 'Ünï', ...RANDOM_TEXTS.slice(0, 5)]) {
    openArena(wasm);
    expect(texts(expr, [text, text, text], { constant })).toEqual(new Array(3).fill(want(text)));
  }
}

const simple = (convert: (text: string) => string) => (text: string) =>
  [...text]
    .map((character) => {
      if (character === 'İ' && convert('A') === 'a') return 'i';
      if (character === 'ß' && convert('a') === 'A') return 'ẞ';
      const other = convert(character);
      return [...other].length === 1 ? other : character;
    })
    .join('');

test('lower and upper', () => {
  check(
    t.lower(),
    simple((text) => text.toLowerCase()),
  );
  check(
    t.upper(),
    simple((text) => text.toUpperCase()),
  );
});

/** The simple mapping of a character whose full one is `full`. */
function one(full: string, before: string, ifSeveral: string): string {
  return full === before || [...full].length === 1 ? full : ifSeveral;
}

test('lower and upper of every character are one character', () => {
  const lines: string[] = [];
  for (let first = 0; first < 0x11_0000; first += 64) {
    if (first >= 0xd800 && first <= 0xdfff) continue;
    lines.push(String.fromCodePoint(...Array.from({ length: 64 }, (_, i) => first + i)));
  }
  const lower = texts(t.lower(), lines) as string[];
  openArena(wasm);
  const upper = texts(t.upper(), lines) as string[];
  const wrong: string[] = [];
  for (const [i, line] of lines.entries()) {
    const [lowers, uppers] = [[...lower[i]!], [...upper[i]!]];
    for (const [k, before] of [...line].entries()) {
      if (lowers[k] !== one(before.toLowerCase(), before, 'i'))
        wrong.push(`${before} ${lowers[k]}`);
      // A letter whose upper case is several has that which has it as its lower case.
      const other = uppers[k]!.toLowerCase() === before ? uppers[k]! : before;
      if (uppers[k] !== one(before.toUpperCase(), before, other))
        wrong.push(`${before} ${uppers[k]}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('trim', () => {
  const strip = (text: string, from: RegExp) => text.replace(from, '');
  check(t.trim(), (text) => strip(strip(text, /^[\p{Zs}]+/u), /[\p{Zs}]+$/u));
  check(t.trimStart(), (text) => strip(text, /^[\p{Zs}]+/u));
  check(t.trimEnd(), (text) => strip(text, /[\p{Zs}]+$/u));
  check(t.trim('aé字🙂'), (text) => strip(strip(text, /^[aé字🙂]+/u), /[aé字🙂]+$/u));
  check(t.trim(''), (text) => text);
  expect(valueOfOne(t.trim(), '\ta\n')).toBe('\ta\n');
});

test('length and position count characters', () => {
  check(t.length(), (text) => BigInt([...text].length));
  for (const part of ['', 'a', 'é', 'PLAIN', 'Text Plain ASCII', '🙂']) {
    check(t.position(part), (text) => {
      const at = text.indexOf(part);
      return BigInt(at < 0 ? 0 : [...text.slice(0, at)].length + 1);
    });
  }
});

test('contains, startsWith, endsWith', () => {
  for (const part of ['', 'a', 'A', 'Plain ASCII Text P', 'é', '字🙂', 'lain']) {
    check(t.contains(part), (text) => text.includes(part));
    check(t.startsWith(part), (text) => text.startsWith(part));
    check(t.endsWith(part), (text) => text.endsWith(part));
  }
  check(t.contains(t), () => true);
  check(lit('Plain ASCII Text').startsWith(t), (text) => 'Plain ASCII Text'.startsWith(text));
});

test('concat', () => {
  check(
    t.concat('-', t, t.lower()),
    (text) => `${text}-${text}${simple((s) => s.toLowerCase())(text)}`,
  );
  check(t.concat(), (text) => text);
  const many = new Array<Expr>(150).fill(t);
  expect(valueOfOne(t.concat(...many), 'ab')).toBe('ab'.repeat(151));
  expect(texts(t.concat(lit(null)), ['a', null])).toEqual([null, null]);
});

test('substring counts as SQL does', () => {
  const cases: [number, number | undefined, string][] = [
    [2, 3, 'ell'],
    [0, undefined, 'hello'],
    [0, 2, 'h'],
    [-3, undefined, 'llo'],
    [-3, 2, 'll'],
    [-10, 7, 'he'],
    [2, -1, 'h'],
    [0, -1, ''],
    [3, -5, 'he'],
    [-1, -2, 'll'],
    [10, undefined, ''],
    [10, -7, 'llo'],
    [1, 0, ''],
    [2 ** 40, 5, ''],
    [-(2 ** 52), 2 ** 53 - 1, 'hello'],
  ];
  for (const [start, length, expected] of cases) {
    expect(valueOfOne(t.substring(start, length), 'hello'), `${start}, ${length}`).toBe(expected);
    const wide = expected.replaceAll('l', '🙂').replace('h', 'é');
    expect(valueOfOne(t.substring(start, length), 'ée🙂🙂o'), `${start}, ${length}`).toBe(wide);
  }
  check(t.substring(3, 20), (text) => [...text].slice(2, 22).join(''));
  check(t.substring(-5), (text) => [...text].slice(-5).join(''));
  check(t.substring(t.length()), (text) => [...text].slice(-1).join(''));
});

test('replace', () => {
  for (const [from, to] of [
    ['a', ''],
    ['A', '字字'],
    ['Text', 't'],
    ['', 'x'],
    ['🙂', 'a'],
  ] as const) {
    check(t.replace(from, to), (text) => (from === '' ? text : text.replaceAll(from, () => to)));
  }
  expect(valueOfOne(t.replace('aa', 'b'), 'aaaaa')).toBe('bba');
});

test('split', () => {
  for (const separator of [',', ' ', 'Text', 'é']) {
    check(t.split(separator), (text) => text.split(separator));
  }
  check(t.split(''), (text) => (text === '' ? [''] : [...text]));
  const columns = {
    t: ['utf8', ['a,b', 'c', null, '']],
    s: ['utf8', [',', null, ',', ',']],
  } as const;
  expect(valuesOf(wasm, t.split(col('s')), columns)).toEqual([['a', 'b'], ['c'], null, ['']]);
  const constant = valuesOf(
    wasm,
    t.split(col('s')),
    { ...columns, t: ['utf8', ['a,b', 'a,b', 'a,b', 'a,b']] },
    { constant: ['t'] },
  );
  expect(constant).toEqual([['a', 'b'], ['a,b'], ['a', 'b'], ['a', 'b']]);
});

test('repeat, padStart, padEnd', () => {
  check(t.repeat(3), (text) => text.repeat(3));
  check(t.repeat(-1), () => '');
  const pad = (text: string, length: number, fill: string) =>
    [...fill.repeat(length)].slice(0, Math.max(0, length - [...text].length)).join('');
  for (const fill of ['*', 'é🙂', 'xyz']) {
    check(t.padStart(9, fill), (text) => pad(text, 9, fill) + [...text].slice(0, 9).join(''));
    check(t.padEnd(9, fill), (text) => [...text].slice(0, 9).join('') + pad(text, 9, fill));
  }
  expect(valueOfOne(t.padStart(5, ''), 'abc')).toBe('abc');
  expect(valueOfOne(t.padEnd(-5), 'abc')).toBe('');
});

test('like', () => {
  const patterns = [
    '',
    '%',
    '_',
    'a%',
    '%a',
    '%a%',
    '_a%',
    '%_é%',
    '%🙂',
    '_%_',
    'P%T%',
    '%I%%x%',
    'a_b',
    '%__',
  ];
  for (const pattern of patterns) {
    const source = [...pattern]
      .map((c) => (c === '%' ? '.*' : c === '_' ? '.' : c.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
      .join('');
    const regexp = new RegExp(`^${source}$`, 'su');
    check(t.like(pattern), (text) => regexp.test(text));
  }
  expect(texts(t.like('a\\%_', '\\'), ['a%b', 'axb', 'a%', 'a%é'])).toEqual([
    true,
    false,
    false,
    true,
  ]);
  expect(texts(t.like('é%%', '%'), ['é%', 'é%x', 'éx'])).toEqual([true, false, false]);
  expect(() => t.like('a!', '!') && texts(t.like('a!', '!'), ['a'])).toThrow(
    /ends with its escape/,
  );
  expect(() => texts(t.like('a', 'ab'), ['a'])).toThrow(/escape is one character/);
});

test('like does not backtrack', () => {
  const text = 'a'.repeat(100_000);
  expect(valueOfOne(t.like('%a%a%a%a%a%a%a%a%a%a%b'), text)).toBe(false);
  expect(valueOfOne(t.like('%a_a_a%a%a%a%a%a'), text)).toBe(true);
});

test('regexpMatch and regexpExtract', () => {
  check(t.regexpMatch(/^[a-z]/i), (text) => /^[a-z]/i.test(text));
  check(t.regexpMatch('\\p{Lu}'), (text) => /\p{Lu}/u.test(text));
  check(t.regexpExtract(/(\S)\s(\S+)/u, 2), (text) => /(\S)\s(\S+)/u.exec(text)?.[2] ?? '');
  check(t.regexpExtract(/a|(é)/u, 1), (text) => /a|(é)/u.exec(text)?.[1] ?? '');
  expect(texts(t.regexpExtract(/^./), ['🙂x'])).toEqual(['🙂']);
  expect(texts(t.regexpExtract(/[🙂🙃]/u), ['a🙃'])).toEqual(['🙃']);
  expect(texts(t.regexpMatch(/^..$/), ['🙂x', '🙂'])).toEqual([true, false]);
  // Patterns that are none with the flag u, or others, stay as they are.
  const odd = (pattern: string, text: string) =>
    texts(t.regexpExtract(new RegExp(pattern)), [text])[0];
  expect(odd('x\\-\\d', '🙂x-1')).toBe('x-1');
  expect(odd('\\u{2}', 'auu')).toBe('uu');
  expect(odd('^\\p{2}$', 'pp')).toBe('pp');
  for (const flags of ['g', 'y']) {
    expect(() => texts(t.regexpMatch(new RegExp('a', flags)), ['a'])).toThrow(/leave out the flag/);
  }
  expect(() => texts(t.regexpMatch('('), ['a'])).toThrow(/Invalid regular expression/);
  expect(() => texts(t.regexpExtract(/(a)/, 2), ['a'])).toThrow(/group is 0 .* to 1, not 2/);
});

test('a pattern runs once per distinct text', () => {
  const values = Array.from({ length: 10_000 }, (_, i) => `text ${i % 3}`);
  let runs = 0;
  const { test: original } = RegExp.prototype;
  RegExp.prototype.test = function (this: RegExp, text: string) {
    if (this.source === '1$') runs += 1;
    return original.call(this, text);
  };
  try {
    const found = texts(t.regexpMatch(/1$/), values);
    expect(found.filter((value) => value === true)).toHaveLength(3333);
    expect(runs).toBe(3);
  } finally {
    RegExp.prototype.test = original;
  }
});

test('dictionaries are texts', () => {
  const columns = { t: ['dictionary', ['red', null, 'Grün', 'red']] } as const;
  expect(valuesOf(wasm, t.upper(), columns)).toEqual(['RED', null, 'GRÜN', 'RED']);
  expect(valuesOf(wasm, t.length(), columns)).toEqual([3n, null, 4n, 3n]);
});

test('very long texts', () => {
  const long = 'Zoë 🙂 '.repeat(200_000);
  expect(valueOfOne(t.upper(), long)).toBe(long.toUpperCase());
  expect(valueOfOne(t.substring(-8, 3), long)).toBe('🙂 Z');
  expect(valueOfOne(t.position('ë 🙂 x'), long)).toBe(0n);
  expect(valueOfOne(t.replace('Zoë ', ''), long)).toBe('🙂 '.repeat(200_000));
});

test('other types are refused', () => {
  expect(() => valuesOf(wasm, t.lower(), { t: ['int64', [1n]] })).toThrow(/cast\('utf8'\)/);
  expect(() => texts(t.substring('1'), ['a'])).toThrow(/integers/);
  expect(() => texts(t.concat(1), ['a'])).toThrow(/takes texts/);
});

test.for([
  ['upper', t.upper()],
  ['concat', t.concat(t)],
  ['split', t.split('')],
  ['replace', t.replace('a', 'bcd')],
  ['repeat', t.repeat(1_000_000)],
  ['padStart', t.padStart(16_000_000)],
  ['like', t.like('%a%')],
  ['length', t.length()],
  ['regexpExtract', t.regexpExtract(/a+/)],
  ['regexpMatch', t.regexpMatch(/a+/)],
  ['cast', t.tryCast('json')],
] as const)('%s says where the lease is full', ([, expr]) => {
  const values = Array.from({ length: 200 }, () => 'aaaaaaaaaa');
  let full = 0;
  for (let room = 0; room < 20_000; room += 480) {
    openArena(wasm);
    wasm.exports.state_reset();
    try {
      texts(expr, values, { room });
    } catch (error) {
      if (!(error instanceof ArenaFull)) throw error;
      full += 1;
    }
  }
  expect(full).toBeGreaterThan(0);
});
