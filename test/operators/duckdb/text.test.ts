/** Functions of texts on random Unicode, with operands that hit something, against DuckDB. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { col, type Expr } from '../../../src/operators/expr.ts';
import { toSql } from '../../../tools/expressions/to-sql.ts';
import { makeInstance, openArena } from '../../wasm/harness.ts';
import { Random, SEED } from '../random.ts';
import { valuesOf } from '../run-expr.ts';
import { ofDuck, ofMillrace } from './compare.ts';
import { openDuck } from './table.ts';

const ROWS = 300;
const USES = 12;
/** Rows of one column. */
const CHUNK = 65_536;
/** Letters that got another case since DuckDB's Unicode. */
const MOST_UNKNOWN = 100;
// Without letters that DuckDB's Unicode has no case for yet.
const ALPHABET = [...'abAB ab,%_-.éÉßẞΣσςıǆǅ€字🙂𐐀𐐨\u0301\u00a0\u3000', 'ab', 'ab,ab'];

const wasm = makeInstance();
let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await openDuck();
});
afterAll(() => connection.closeSync());

/** What stays together, and nearly does. */
const CLUSTERS = [
  ...'aé字🙂\u0301\u0308\u200d\ufe0f\u0903🇩🇪🇫👨👩🏽ᄀ가각ᅡᆨ\u0600\r\n\u00ad\u093fक\u20e3#',
  '👨‍👩‍👧',
  '🇩🇪',
  '\r\n',
];

/** Without marks that are in no conjunct by DuckDB's Unicode, such as a keycap. */
const INDIC_CLUSTERS = [
  ...'aé👨\u0301\u0308\u0903\u0600कषকষక\u094d\u09cd\u0c4d\u093c\u200c\u200d',
  'क\u094d',
  'ক\u09cd',
];

const t = col('t');
const u = col('u');
const n = col('n');

type Use = (random: Random) => Expr;
const part = (random: Random): Expr | string => (random.next() < 0.3 ? u : randomText(random, 3));

const USES_BY_NAME: Readonly<Record<string, Use>> = {
  lower: () => t.lower(),
  upper: () => t.upper(),
  trim: (random) => t.trim(random.pick([undefined, 'ab', '🙂é ', ''])),
  trimStart: (random) => t.trimStart(random.pick([undefined, 'ab', '🙂é '])),
  trimEnd: (random) => t.trimEnd(random.pick([undefined, 'ab', '🙂é '])),
  length: () => t.length(),
  concat: (random) => t.concat(part(random), u),
  substring: (random) =>
    t.substring(
      random.pick([n, random.below(20) - 8]),
      random.pick([undefined, n, random.below(9) - 3]),
    ),
  left: (random) => t.left(random.pick([n, random.below(20) - 8])),
  right: (random) => t.right(random.pick([n, random.below(20) - 8])),
  reverse: () => t.reverse(),
  replace: (random) => t.replace(part(random), part(random)),
  split: (random) => t.split(part(random)),
  contains: (random) => t.contains(part(random)),
  startsWith: (random) => t.startsWith(part(random)),
  endsWith: (random) => t.endsWith(part(random)),
  position: (random) => t.position(part(random)),
  repeat: () => t.repeat(n),
  padStart: (random) => t.padStart(n.add(5), `é${randomText(random, 2)}`),
  padEnd: (random) => t.padEnd(n.add(5), `b${randomText(random, 2)}`),
  like: (random) => t.like(randomPattern(random), random.pick([undefined, '-'])),
  regexpMatch: (random) => t.regexpMatch(random.pick([/^a/iu, /b,|é/u, /[^a-z]{3}/u, /🙂$/u])),
  regexpExtract: (random) =>
    t.regexpExtract(random.pick([/a(b+)/iu, /(é|ß).*/u, /(.)$/u]), random.below(2)),
};

function randomText(random: Random, most = 24): string {
  return Array.from({ length: random.below(most + 1) }, () => random.pick(ALPHABET)).join('');
}

// Never ends with the escape, which is an error.
function randomPattern(random: Random): string {
  const characters = [...ALPHABET, '%', '%', '%', '_', '_'];
  const length = random.below(6);
  const pattern = Array.from({ length }, () => random.pick(characters)).join('');
  return `${pattern}${random.pick(['%', ''])}`.replace(/-+$/, '');
}

function literal(text: string | null): string {
  return text === null ? 'NULL' : `'${text.replaceAll("'", "''")}'`;
}

test.for(Object.keys(USES_BY_NAME))('%s of random texts', async (name) => {
  const random = new Random(SEED + name.length);
  const text = (most: number) => (random.next() < 0.1 ? null : randomText(random, most));
  const ts = Array.from({ length: ROWS }, () => text(24));
  const us = Array.from({ length: ROWS }, () => text(2));
  const ns = Array.from({ length: ROWS }, () => random.below(16) - 6);
  const rows = ts.map((value, i) => `(${i}, ${literal(value)}, ${literal(us[i]!)}, ${ns[i]})`);
  await connection.run('CREATE OR REPLACE TABLE s ("row" INT, t VARCHAR, u VARCHAR, n INT)');
  await connection.run(`INSERT INTO s VALUES ${rows.join(', ')}`);
  for (let i = 0; i < USES; i++) {
    const expr = USES_BY_NAME[name]!(random);
    const sql = toSql(expr.node);
    openArena(wasm);
    wasm.exports.state_reset();
    const columns = { t: ['utf8', ts], u: ['utf8', us], n: ['int32', ns] } as const;
    const utf8 = { kind: 'utf8' } as const;
    const type = name === 'split' ? LIST : utf8;
    const mine = valuesOf(wasm, expr, columns).map((value) => ofMillrace(value, type));
    const reader = await connection.runAndReadAll(`SELECT ${sql} FROM s ORDER BY "row"`);
    const duck = reader.getRows().map(([value]) => ofDuck(value!, type));
    for (const [row, expected] of duck.entries()) {
      const given = `${sql} of ${ts[row]}, ${us[row]}, ${ns[row]} (seed ${SEED})`;
      expect(mine[row], given).toBe(expected);
    }
  }
});

const LIST = {
  kind: 'list',
  item: { name: 'item', type: { kind: 'utf8' }, nullable: false },
} as const;

// All letters with case are in the first two planes. DuckDB's Unicode is some years old: it leaves
// those that had no other case then.
test.for(['lower', 'upper'] as const)('%s of every character', async (name) => {
  const characters = Array.from({ length: 0x20000 }, (_, i) => i).filter(
    (i) => i > 0 && (i < 0xd800 || i > 0xdfff),
  );
  const reader = await connection.runAndReadAll(
    `SELECT i, ${name}(c) FROM (
      SELECT i, chr(i::INTEGER) AS c FROM range(1, 55296) AS r(i)
      UNION ALL SELECT i, chr(i::INTEGER) AS c FROM range(57344, 131072) AS r(i)
    ) WHERE ${name}(c) <> c`,
  );
  const there = new Map(reader.getRows().map(([i, text]) => [Number(i), String(text)]));
  const unknown: number[] = [];
  for (let at = 0; at < characters.length; at += CHUNK) {
    const some = characters.slice(at, at + CHUNK);
    openArena(wasm);
    wasm.exports.state_reset();
    const texts = some.map((i) => String.fromCodePoint(i));
    const here = valuesOf(wasm, t[name](), { t: ['utf8', texts] });
    for (const [k, i] of some.entries()) {
      const expected = there.get(i) ?? texts[k];
      if (here[k] === expected) continue;
      expect(here[k], `U+${i.toString(16)}`).not.toBe(texts[k]);
      expect(expected, `U+${i.toString(16)}`).toBe(texts[k]);
      unknown.push(i);
    }
  }
  expect(unknown.length).toBeLessThan(MOST_UNKNOWN);
});

/** A mark that takes room, and a second joiner, part the emoji beside them. */
const APART = ['🏽🙂\u0903\u20e3\u200d👨', '👨\u093f\u200d👨', '👨\u200d\u200d👨'];

const INDIC = [
  'हिन्दी',
  'বাংলা',
  'ক্ষ',
  'নমস্কার',
  'ત્ર',
  'ଓଡ଼ିଆ',
  'క్షమించండి',
  'അന്റെ',
  'ಠ್ಯ',
  'தமிழ்',
  'ਪੰਜਾਬੀ',
];

test('reverse of what stays together', async () => {
  const random = new Random(SEED);
  const drawn = (clusters: readonly string[]) =>
    Array.from({ length: random.below(9) }, () => random.pick(clusters)).join('');
  const clusters = (at: number) => (at < 3_000 ? CLUSTERS : INDIC_CLUSTERS);
  const many = Array.from({ length: 6_000 }, (_, at) => drawn(clusters(at)));
  const texts = [...APART, ...INDIC, ...many];
  openArena(wasm);
  wasm.exports.state_reset();
  const here = valuesOf(wasm, t.reverse(), { t: ['utf8', texts] });
  const list = texts.map((text, i) => `(${i}, '${text}')`).join(', ');
  const sql = `SELECT reverse(v) FROM (VALUES ${list}) AS r(i, v) ORDER BY i`;
  const there = (await connection.runAndReadAll(sql)).getRows().map(([text]) => text);
  const codes = (text: unknown) =>
    [...String(text)].map((c) => c.codePointAt(0)!.toString(16)).join(' ');
  for (const [i, text] of texts.entries()) {
    expect(codes(here[i]), `${codes(text)} (seed ${SEED})`).toBe(codes(there[i]));
  }
});
