import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { BYTES_SCHEMA, bytesCodec } from '../../../src/ingest/codecs/bytes.ts';
import type { Codec } from '../../../src/ingest/codecs/codec.ts';
import { codecByName } from '../../../src/ingest/codecs/registry.ts';
import { STRING_SCHEMA, stringCodec } from '../../../src/ingest/codecs/string.ts';
import { ArenaFull } from '../../../src/wasm/instance.ts';
import { columnToValues } from '../../wasm/columns.ts';
import { makeInstance, makeRecords, openArena, utf8Values } from '../../wasm/harness.ts';

const wasm = makeInstance();

function decode(codec: Codec, values: (Uint8Array | null)[], nullable = true) {
  openArena(wasm);
  const [field] = (codec === stringCodec ? STRING_SCHEMA : BYTES_SCHEMA).fields;
  const schema = { fields: [{ ...field!, nullable }] };
  const columns = ['value'];
  const decoder = codec.decoder(wasm, { schema, columns, validate: 'full', unknown: 'ignore' });
  const decoded = decoder.decode(makeRecords(wasm, values));
  const { address, count } = decoded.selection;
  return {
    ...decoded,
    values: columnToValues(wasm, decoded.columns.get('value')!),
    rows: address === 0 ? count : [...wasm.u32.subarray(address / 4, address / 4 + count)],
  };
}

describe('the string codec', () => {
  it('reads text, empty text and nulls', () => {
    const texts = ['a', '', null, 'é 日本 🎁', 'x'.repeat(3000)];
    const got = decode(stringCodec, utf8Values(texts));
    expect(got).toMatchObject({ values: texts, rejectCount: 0, rows: 5 });
  });

  it('rejects what is not UTF-8 and keeps its neighbours', () => {
    const bad = Uint8Array.of(0x61, 0x62, 0xc3, 0x28);
    const values = [Buffer.from('one'), bad, null, Buffer.from('two')];
    const got = decode(stringCodec, values);
    expect(got.values).toEqual(['one', null, null, 'two']);
    expect(got.rows).toEqual([0, 2, 3]);
    expect(got.rejects).toEqual([
      {
        row: 1,
        code: 'utf8',
        reason: 'byte 2 is not valid UTF-8',
        position: 2,
        column: 'value',
      },
    ]);
  });

  it('sees a character that is cut in two by a border between rows', () => {
    const euro = Buffer.from('€');
    const got = decode(stringCodec, [euro.subarray(0, 1), euro.subarray(1), Buffer.from('ok')]);
    expect(got.rejects.map(({ row, position }) => [row, position])).toEqual([
      [0, 0],
      [1, 0],
    ]);
    expect(got.values).toEqual([null, null, 'ok']);
  });

  it('rejects a null message where the column is not nullable', () => {
    const got = decode(stringCodec, utf8Values(['a', null]), false);
    expect(got.rejects).toMatchObject([{ row: 1, code: 'null-message' }]);
    expect(got.rows).toEqual([0]);
  });

  it('agrees with TextDecoder on random bytes', () => {
    const seed = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31));
    console.log(`seed ${seed}`);
    let state = seed;
    const next = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return (state >>> 8) % below;
    };
    const alphabet = [0x41, 0x7f, 0x80, 0xbf, 0xc2, 0xe0, 0xa0, 0xed, 0x9f, 0xef, 0xf0, 0x90, 0xf4];
    const values = Array.from({ length: 20_000 }, () =>
      Uint8Array.from({ length: next(7) }, () => alphabet[next(alphabet.length)]!),
    );
    const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const expected = values.map((value) => {
      try {
        return strict.decode(value);
      } catch {
        return null;
      }
    });
    expect(decode(stringCodec, values).values).toEqual(expected);
  });
});

describe('the bytes codec', () => {
  it('keeps any bytes', () => {
    const values = [Uint8Array.of(0xff, 0), null, new Uint8Array(), new Uint8Array(700).fill(9)];
    expect(decode(bytesCodec, values)).toMatchObject({ values, rejectCount: 0, rows: 4 });
  });

  it('says that the lease is full', () => {
    openArena(wasm);
    const schema = BYTES_SCHEMA;
    const options = { schema, columns: ['value'], validate: 'full', unknown: 'ignore' } as const;
    const decoder = bytesCodec.decoder(wasm, options);
    const records = makeRecords(wasm, [new Uint8Array(1000)]);
    const mark = wasm.exports.arena_mark();
    wasm.exports.arena_open(mark, mark + 900);
    expect(() => decoder.decode(records)).toThrow(ArenaFull);
  });

  it('makes no column that nothing reads', () => {
    openArena(wasm);
    const options = { columns: [], validate: 'projected', unknown: 'ignore' } as const;
    const decoder = bytesCodec.decoder(wasm, { schema: BYTES_SCHEMA, ...options });
    expect(decoder.decode(makeRecords(wasm, utf8Values(['a']))).columns.size).toBe(0);
  });

  it('takes one binary column and nothing else', () => {
    const schema = { fields: [...BYTES_SCHEMA.fields, ...STRING_SCHEMA.fields] };
    expect(() => bytesCodec.encoder(wasm, schema)).toThrow(/exactly one binary column/);
    expect(() => bytesCodec.encoder(wasm, STRING_SCHEMA)).toThrow(/not \{ value: utf8 \}/);
  });
});

describe('codecByName', () => {
  it('knows the codecs and names them where it does not', () => {
    expect(codecByName('string')).toBe(stringCodec);
    expect(codecByName('bytes').contentType).toBe('application/octet-stream');
    expect(codecByName('json').contentType).toBe('application/json');
    expect(() => codecByName('toString' as 'json')).toThrow(/no codec "toString".*json, string/);
  });
});
