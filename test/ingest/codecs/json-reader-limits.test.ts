import { describe, expect, test } from 'vitest';
import type { Schema } from '../../../src/arrow/schema.ts';
import { ArenaFull } from '../../../src/wasm/instance.ts';
import { makeRecords, openArena } from '../../wasm/harness.ts';
import { RowDecoder } from './decode-rows.ts';

const MEGABYTE = 1024 * 1024;

describe('a lease that is too small', () => {
  test('says so, and a larger one does', () => {
    const decoder = new RowDecoder({
      id: 'int64',
      text: 'utf8',
      list: [{ k: 'utf8', v: 'int64' }],
    });
    const { wasm } = decoder;
    const texts = Array.from({ length: 300 }, (_, i) => {
      const list = Array.from({ length: i % 50 }, (_, k) => ({ k: `key ${k}`, v: k }));
      return JSON.stringify({ id: i, text: 'x'.repeat(i), list });
    });
    openArena(wasm);
    const records = makeRecords(
      wasm,
      texts.map((text) => Buffer.from(text)),
    );
    const begin = wasm.exports.arena_mark();
    let failures = 0;
    for (let bytes = 1024; ; bytes = Math.ceil(bytes * 1.3)) {
      wasm.exports.arena_open(begin, begin + bytes);
      const behind = wasm.u8.slice(begin + bytes, begin + bytes + 64);
      try {
        const { rows } = decoder.decodeRecords(records, texts.length);
        expect(rows).toEqual(
          texts.map((text) => {
            const { id, list, ...rest } = JSON.parse(text);
            const big = list.map((item: { k: string; v: number }) => ({
              ...item,
              v: BigInt(item.v),
            }));
            return { ...rest, id: BigInt(id), list: big };
          }),
        );
        break;
      } catch (error) {
        if (!(error instanceof ArenaFull)) throw error;
        failures++;
        expect(wasm.u8.slice(begin + bytes, begin + bytes + 64)).toEqual(behind);
      }
    }
    expect(failures).toBeGreaterThan(5);
  });

  test('a list that grows to many times its text ends there, too', () => {
    const fields = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`f${i}`, 'int64?' as const]),
    );
    const decoder = new RowDecoder({ list: [fields] }, { megabytes: 64 });
    const bomb = `{"list":[${'{},'.repeat(MEGABYTE)}{}]}`;
    expect(() => decoder.decode([bomb])).toThrow(ArenaFull);
    expect(decoder.decode(['{"list":[{}]}']).decoded.rejectCount).toBe(0);
  });
});

test('no records at all give columns without rows', () => {
  const decoder = new RowDecoder({ a: 'utf8', l: [{ b: 'bool' }] });
  const { rows, selected, decoded } = decoder.decode([]);
  expect({ rows, selected, columns: [...decoded.columns.keys()] }).toEqual({
    rows: [],
    selected: [],
    columns: ['a', 'l'],
  });
});

test('a hundred columns of text do not ask for a hundred times the room', () => {
  const names = Array.from({ length: 100 }, (_, i) => `column_${i}`);
  const fields = Object.fromEntries(names.map((name) => [name, 'utf8' as const]));
  const decoder = new RowDecoder(fields, { megabytes: 64 });
  const row = Object.fromEntries(names.map((name) => [name, 'some text of a column']));
  const texts = Array.from({ length: 1200 }, () => Buffer.from(JSON.stringify(row)));
  const input = texts.reduce((sum, text) => sum + text.length, 0);
  openArena(decoder.wasm);
  const records = makeRecords(decoder.wasm, texts);
  const begin = decoder.wasm.exports.arena_mark();
  expect(decoder.decoder.decode(records).rejectCount).toBe(0);
  expect(decoder.wasm.exports.arena_mark() - begin).toBeLessThan(2.5 * input);
});

describe('large values', () => {
  test('a message of 5 MB beside small ones', () => {
    const decoder = new RowDecoder({ s: 'utf8', t: 'utf8' }, { megabytes: 96 });
    const large = 'ä\n'.repeat(1_700_000);
    const texts = [
      { s: 'first', t: 'a' },
      { s: large, t: 'b' },
      { s: 'last', t: 'c' },
    ];
    for (let pass = 0; pass < 3; pass++) {
      const { rows } = decoder.decode(texts.map((text) => JSON.stringify(text)));
      expect(rows[0]).toEqual(texts[0]);
      expect(rows[1]!.s === large).toBe(true);
      expect(rows[2]).toEqual(texts[2]);
    }
  });

  test('text that outgrows what earlier morsels needed', () => {
    const decoder = new RowDecoder({ s: 'utf8?', pad: 'utf8?' }, { columns: ['s'] });
    const pad = 'p'.repeat(2000);
    for (const length of [0, 10, 1000, 5, 3000]) {
      const texts = Array.from(
        { length: 200 },
        (_, i) => `{"pad":"${pad}","s":"${'s'.repeat((length + i) % 3001)}"}`,
      );
      const { rows } = decoder.decode(texts);
      expect(rows.map(({ s }) => (s as string).length)).toEqual(
        texts.map((_, i) => (length + i) % 3001),
      );
    }
  });
});

describe('depth', () => {
  const decoder = new RowDecoder({ x: 'int64?' }, { megabytes: 64 });
  const skipped = (open: string, close: string, depth: number) =>
    `{"skipped":${open.repeat(depth)}0${close.repeat(depth)}}`;

  const LIMIT = 2 ** 20;

  test('unread values may nest 1,048,576 levels', () => {
    const texts = [
      skipped('[', ']', 1_000_000),
      skipped('{"a":', '}', LIMIT),
      skipped('[', ']', LIMIT),
      skipped('[', ']', LIMIT + 1),
      skipped('{"a":', '}', LIMIT + 1),
      `{"skipped":${'['.repeat(2 * LIMIT)}`,
      `{"skipped":${'['.repeat(LIMIT)}`,
    ];
    const { selected, decoded } = decoder.decode(texts);
    expect(selected).toEqual([0, 1, 2]);
    expect(decoded.rejects.map(({ code }) => code)).toEqual(['depth', 'depth', 'depth', 'syntax']);
    expect(decoded.rejects[0]).toMatchObject({
      position: '{"skipped":'.length + LIMIT,
      reason: expect.stringContaining('nested deeper than 1,048,576 levels'),
    });
  });

  test('schemas nest as deep as a schema may', () => {
    const nest = (depth: number): Schema['fields'][number]['type'] =>
      depth === 0
        ? { kind: 'int32' }
        : depth % 2 === 0
          ? { kind: 'list', item: { name: 'item', type: nest(depth - 1), nullable: true } }
          : { kind: 'struct', fields: [{ name: 'm', type: nest(depth - 1), nullable: true }] };
    const schemaOf = (depth: number): Schema => ({
      fields: [{ name: 'x', type: nest(depth), nullable: true }],
    });
    const text = (depth: number): string =>
      depth === 0 ? '7' : depth % 2 === 0 ? `[${text(depth - 1)}]` : `{"m":${text(depth - 1)}}`;
    const deep = new RowDecoder(schemaOf(255));
    const { decoded, rows } = deep.decode([`{"x":${text(255)}}`, `{"x":${text(254)}}`]);
    expect(decoded.rejects).toMatchObject([{ row: 1, code: 'type' }]);
    expect(JSON.stringify(rows[0]!.x)).toBe(text(255));
    expect(() => new RowDecoder(schemaOf(256))).toThrow('nests deeper than 256 levels');
  });
});

test('a schema too large for the state heap is an error', () => {
  const fields = Array.from({ length: 400_000 }, (_, i) => ({
    name: `f${i}`,
    type: { kind: 'int32' as const },
    nullable: true,
  }));
  expect(() => new RowDecoder({ fields })).toThrow(/too large|bytes of program/);
});
