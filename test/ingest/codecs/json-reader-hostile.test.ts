/** Messages that are made to cost memory, stack or time, or that end anywhere. */
import { describe, expect, test } from 'vitest';
import { Random } from '../../../bench/data/random.ts';
import { type FieldLiteral, map, type SchemaLiteral } from '../../../src/arrow/schema-literal.ts';
import { ArenaFull } from '../../../src/wasm/instance.ts';
import { makeRecords, openArena } from '../../wasm/harness.ts';
import { RowDecoder } from './decode-rows.ts';

const SCALARS = {
  bool: 'bool?',
  int8: 'int8?',
  uint64: 'uint64?',
  float32: 'float32?',
  float64: 'float64?',
  decimal: 'decimal(38,10)?',
  utf8: 'utf8?',
  dictionary: 'dictionary?',
  binary: 'binary?',
  json: 'json?',
  date: 'date?',
  time: 'time?',
  duration: 'duration?',
  timestamp: 'timestamp(ns)?',
  wall: 'timestamp(s,local)?',
  null: 'null?',
} as const satisfies SchemaLiteral;

/** What the one value gives in each type: its text, or the reject's code. */
function outcomes(text: string, megabytes = 96): Record<string, string> {
  return Object.fromEntries(
    Object.entries(SCALARS).map(([name, type]) => {
      const decoder = new RowDecoder({ x: type as FieldLiteral }, { megabytes });
      const { rows, decoded } = decoder.decode([`{"x":${text}}`, '{"x":null}']);
      const found = decoded.rejects.find(({ row }) => row === 0)?.code;
      expect(rows[1]).toEqual({ x: null });
      return [name, found ?? (rows[0]!.x === text ? 'raw' : 'read')];
    }),
  );
}

const refusedAsType = Object.fromEntries(Object.keys(SCALARS).map((name) => [name, 'type']));

describe('depth', () => {
  const open = (depth: number) => '['.repeat(depth);
  const close = (depth: number) => ']'.repeat(depth);

  test('a million levels are a value like any other', () => {
    const deep = `${open(1e6)}${close(1e6)}`;
    expect(outcomes(deep)).toEqual({ ...refusedAsType, json: 'raw' });
    const objects = `${'{"a":'.repeat(1e6)}0${'}'.repeat(1e6)}`;
    expect(outcomes(objects)).toEqual({ ...refusedAsType, json: 'raw' });
  });

  test('more is a reject for its depth, cut off a reject for its syntax', () => {
    const codes = (code: string) => Object.fromEntries(Object.keys(SCALARS).map((n) => [n, code]));
    expect(outcomes(`${open(2e6)}${close(2e6)}`)).toEqual(codes('depth'));
    expect(outcomes(open(1e6))).toEqual(codes('syntax'));
  });

  test('lists and maps that are deeper than their schema end there', () => {
    const decoder = new RowDecoder({ l: nest(28), m: nest(28, true) }, { megabytes: 512 });
    const mapOpen = '{"k":'.repeat(1e6);
    const { decoded } = decoder.decode([
      `{"l":${open(1e6)}${close(1e6)},"m":{}}`,
      `{"l":[],"m":${mapOpen}1${'}'.repeat(1e6)}}`,
      `{"l":${open(28)}1${close(28)},"m":${'{"k":'.repeat(28)}1${'}'.repeat(28)}}`,
    ]);
    expect(decoded.rejects.map(({ row, code }) => [row, code])).toEqual([
      [0, 'type'],
      [1, 'type'],
    ]);
  });
});

function nest(depth: number, maps = false): FieldLiteral {
  if (depth === 0) return 'int32';
  return maps ? map(nest(depth - 1, true)) : [nest(depth - 1)];
}

describe('numbers', () => {
  test('of huge exponents cost nothing', () => {
    const range = ['int8', 'uint64', 'float32', 'float64', 'decimal', 'duration', 'timestamp'];
    const refused = Object.fromEntries([...range, 'wall'].map((name) => [name, 'range']));
    for (const text of ['1e999999999', '-1e99999999999999999999', `1${'0'.repeat(1e6)}`]) {
      expect(outcomes(text)).toEqual({ ...refusedAsType, ...refused, json: 'raw' });
    }
  });

  test('of a million digits are judged to the last one', () => {
    const one = `1.${'0'.repeat(1e6)}`;
    const decoder = new RowDecoder({ i: 'int8', f: 'float32', d: 'decimal(3,1)' });
    const { rows, decoded } = decoder.decode([
      `{"i":${one},"f":${one},"d":${one}}`,
      `{"i":1,"f":1,"d":${one}1}`,
      `{"i":${one}1,"f":1,"d":1}`,
      `{"i":1,"f":1,"d":"${one}1"}`,
    ]);
    expect(rows[0]).toEqual({ i: 1, f: 1, d: 10n });
    expect(decoded.rejects.map(({ code }) => code)).toEqual(['range', 'type', 'range']);
  });
});

test('strings of 10 MB', () => {
  const size = 10 * 1024 * 1024;
  const text = `"${'A'.repeat(size)}"`;
  const refused = { decimal: 'decimal', date: 'date', time: 'time', duration: 'duration' };
  const read = { utf8: 'read', dictionary: 'read', binary: 'read', json: 'raw' };
  const moments = { timestamp: 'timestamp', wall: 'timestamp' };
  expect(outcomes(text)).toEqual({ ...refusedAsType, ...refused, ...read, ...moments });
  const escaped = `"\\u0041${'A'.repeat(size)}"`;
  expect(outcomes(escaped)).toEqual({
    ...refusedAsType,
    ...refused,
    ...read,
    ...moments,
    binary: 'base64',
  });
});

describe('maps of 100,000 keys', () => {
  const COUNT = 100_000;
  const decoder = new RowDecoder({ m: map('int32') }, { megabytes: 96 });
  const decode = (keys: readonly string[]) => {
    const members = keys.map((key, i) => `${JSON.stringify(key)}:${i}`);
    const { rows, decoded } = decoder.decode([`{"m":{${members.join()}}}`]);
    expect(decoded.rejects).toEqual([]);
    return rows[0]!.m as Map<string, number>;
  };

  test('all different', () => {
    const keys = Array.from({ length: COUNT }, (_, i) => `key ${i}`);
    expect(decode(keys)).toEqual(new Map(keys.map((key, i) => [key, i])));
  });

  test('all the same', () => {
    expect(decode(Array.from({ length: COUNT }, () => 'k'))).toEqual(new Map([['k', COUNT - 1]]));
  });

  test('half of them twice', () => {
    const random = new Random(7);
    const keys = Array.from({ length: COUNT }, () => `${random.integer(0, COUNT / 2)}`);
    expect(decode(keys)).toEqual(new Map(keys.map((key, i) => [key, i])));
  });

  test('as many distinct texts of a dictionary', () => {
    const texts = Array.from({ length: COUNT }, (_, i) => `"${i}"`);
    const lists = new RowDecoder({ l: ['dictionary'] }, { megabytes: 160 });
    const { rows } = lists.decode([`{"l":[${texts.join()},"0"]}`]);
    const list = rows[0]!.l as string[];
    expect(list).toHaveLength(COUNT + 1);
    expect([list[0], list[COUNT - 1], list[COUNT]]).toEqual(['0', '99999', '0']);
  });
});

/** A schema and a message with something of every type. */
const everything: SchemaLiteral = {
  ...SCALARS,
  m: map(map('dictionary')),
  l: [{ a: 'decimal(9,3)', b: ['json?'] }],
};
const whole =
  '{"bool":true,"int8":-12,"uint64":18446744073709551615,"float32":1.5e-3,"float64":2.5,' +
  '"decimal":"-12.50e1","utf8":"t\\u00e9xt","dictionary":"red","binary":"AAEC\\/w==",' +
  '"json":{"a":[1,"x",null]},"date":"2026-01-15","time":"10:30:00.5","duration":"-P1DT2.5S",' +
  '"timestamp":"2026-01-15T10:30:00.123456789+01:00","wall":"2026-01-15T10:30","null":null,' +
  '"m":{"a":{"k":"v","k":"w"},"b":{}},"l":[{"a":1.5,"b":[{},null,"z"]},{"b":[],"a":2}]}';

describe('a message with every type', () => {
  test('cut off at every byte, with the rest of it behind', () => {
    const decoder = new RowDecoder(everything);
    const { wasm } = decoder;
    const message = Buffer.from(whole);
    const first = decoder.decode([message, message]).rows[0];
    openArena(wasm);
    const copies = Array.from({ length: message.length }, () => new Uint8Array(0));
    const records = makeRecords(wasm, [message, ...copies]);
    const addresses = wasm.u32[(records >>> 2) + 2]! >>> 2;
    const lengths = wasm.u32[(records >>> 2) + 3]! >>> 2;
    const address = wasm.u32[addresses]!;
    for (let length = 0; length <= message.length; length++) {
      wasm.u32[addresses + length] = address;
      wasm.i32[lengths + length] = length;
    }
    const { selected, rows } = decoder.decodeRecords(records, message.length + 1);
    expect(selected).toEqual([message.length]);
    expect(rows[message.length]).toEqual(first);
    expect(Buffer.from(wasm.u8.slice(address, address + message.length))).toEqual(message);
  });

  test('in a lease that is too small at first', () => {
    const decoder = new RowDecoder(everything);
    const { wasm } = decoder;
    openArena(wasm);
    const texts = Array.from({ length: 40 }, (_, i) =>
      whole.replace(
        '"b":{}',
        Array.from({ length: i }, (_, k) => `"b${k}":{"${i}":"${k}"}`).join() || '"b":{}',
      ),
    );
    const records = makeRecords(
      wasm,
      texts.map((text) => Buffer.from(text)),
    );
    const begin = wasm.exports.arena_mark();
    let failures = 0;
    for (let bytes = 1024; ; bytes = Math.ceil(bytes * 1.2)) {
      wasm.exports.arena_open(begin, begin + bytes);
      const behind = wasm.u8.slice(begin + bytes, begin + bytes + 64);
      try {
        const { rows, selected } = decoder.decodeRecords(records, texts.length);
        expect(selected).toHaveLength(texts.length);
        expect((rows[39]!.m as Map<string, unknown>).size).toBe(40);
        break;
      } catch (error) {
        if (!(error instanceof ArenaFull)) throw error;
        failures++;
        expect(wasm.u8.slice(begin + bytes, begin + bytes + 64)).toEqual(behind);
      }
    }
    expect(failures).toBeGreaterThan(5);
  });
});
