import { expect, test } from 'vitest';
import { Random } from '../../bench/data/random.ts';
import type { ScalarDataType } from '../../src/arrow/schema.ts';
import { toSchema } from '../../src/arrow/schema-literal.ts';
import { typeToString } from '../../src/arrow/schema-text.ts';
import { inferSchema } from '../../src/index.ts';
import { RowDecoder } from '../ingest/codecs/decode-rows.ts';
import { scalarText } from './scalar-texts.ts';

const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);
const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 8);
const TEXTS = 1_000;

const KINDS: readonly ScalarDataType[] = [
  { kind: 'date' },
  { kind: 'time' },
  { kind: 'duration' },
  { kind: 'timestamp', unit: 'us', zone: 'UTC' },
  { kind: 'timestamp', unit: 'us', zone: null },
];
const FINE: readonly ScalarDataType[] = [
  { kind: 'timestamp', unit: 'ns', zone: 'UTC' },
  { kind: 'timestamp', unit: 'ns', zone: null },
];
const ODD_CHARACTERS = '0123456789+-:.TZtzPpWwDdHhMmSsYy, "\\\0é';

/** A date, time, timestamp or duration as a JSON string, often nearly one, some of it escaped. */
function randomTimeText(random: Random): string {
  const written = scalarText(random, random.pick(KINDS));
  const characters = [...('text' in written ? written.text : written.json)];
  while (random.chance(0.3)) {
    const at = random.integer(0, characters.length);
    const more = random.chance(0.3) ? [] : [random.pick([...ODD_CHARACTERS])];
    characters.splice(at, random.integer(0, 1), ...more);
  }
  if (random.chance(0.8)) return JSON.stringify(characters.join(''));
  const isPlain = (c: string) => /\w/.test(c) && random.chance(0.7);
  return `"${characters.map((c) => (isPlain(c) ? c : escaped(c))).join('')}"`;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

const decoders = [...KINDS, ...FINE].map((type) => {
  const schema = { fields: [{ name: 'x', type, nullable: false }] };
  return { type: typeToString(type), decoder: new RowDecoder(schema, { megabytes: 48 }) };
});

test(`inference finds the times that the decoder reads (FUZZ_SEED=${SEED})`, async () => {
  const random = new Random(SEED);
  const found = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++) {
    const texts = Array.from({ length: TEXTS }, () => randomTimeText(random));
    const message = `{${texts.map((text, i) => `"t${i}":${text}`).join(',')}}`;
    const { schema, notes } = await inferSchema([message], { timestamps: true });
    const messages = texts.map((text) => `{"x":${text}}`);
    const read = decoders.map(({ type, decoder }) => {
      return { type, rows: new Set(decoder.decode(messages).selected) };
    });
    const beyond = notes.filter(({ message: words }) => words.includes('beyond'));
    const unread = new Set(beyond.map(({ column }) => column));
    for (const [i, { type }] of toSchema(schema).fields.entries()) {
      const name = typeToString(type);
      const context = `seed ${SEED}: ${texts[i]} is ${name}`;
      const readers = read.filter(({ rows }) => rows.has(i)).map((reader) => reader.type);
      if (name !== 'utf8') expect(readers, context).toContain(name);
      else if (!unread.has(`t${i}`)) expect(readers, context).toEqual([]);
      found.set(name, (found.get(name) ?? 0) + 1);
    }
  }
  for (const { type } of decoders) expect(found.get(type), type).toBeGreaterThan(0);
}, 60_000);
