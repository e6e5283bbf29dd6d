import { Writer } from '@platformatic/kafka';
import { describe, expect, test } from 'vitest';
import { WireReader, WireWriter } from '../../../src/ingest/clients/wire.ts';

const NUMBERS = [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_456, 2 ** 32 - 1];
const TEXTS = ['', 'a', 'grün', '𝄞'.repeat(100), 'x'.repeat(20_000)];

describe('WireWriter', () => {
  test('writes what the library writes', () => {
    for (const text of [...TEXTS, null]) {
      const ours = new WireWriter().compactString(text).int64(-5n).int32(-7).int16(-2).int8(-1);
      const theirs = Writer.create()
        .appendString(text)
        .appendInt64(-5n)
        .appendInt32(-7)
        .appendInt16(-2)
        .appendInt8(-1);
      expect(ours.bytes.equals(theirs.buffer)).toBe(true);
      const plain = new WireWriter().string(text);
      expect(plain.bytes.equals(Writer.create().appendString(text, false).buffer)).toBe(true);
    }
    for (const number of NUMBERS) {
      const theirs = Writer.create().appendUnsignedVarInt(number);
      expect(new WireWriter().unsignedVarint(number).bytes.equals(theirs.buffer)).toBe(true);
    }
  });
});

describe('WireReader', () => {
  test('reads what was written', () => {
    const writer = new WireWriter();
    writer.array(TEXTS, (text) => writer.string(text).compactString(text));
    writer.compactArray(NUMBERS, (number) => writer.unsignedVarint(number)).noTags();
    writer
      .string(null)
      .compactString(null)
      .byteString(Buffer.from([1, 2, 3]))
      .int64(-(2n ** 63n));
    const reader = new WireReader(writer.bytes);
    const read = reader.array(() => [reader.string(), reader.compactString()]);
    expect(read).toEqual(TEXTS.map((text) => [text, text]));
    expect(reader.compactArray(() => reader.unsignedVarint())).toEqual(NUMBERS);
    reader.tags();
    expect([reader.string(), reader.compactString()]).toEqual([null, null]);
    expect([...reader.raw(reader.int32())]).toEqual([1, 2, 3]);
    expect(reader.int64()).toBe(-(2n ** 63n));
    expect(() => reader.int8()).toThrow('it is damaged');
  });

  test('null arrays are empty, and tags are skipped', () => {
    const reader = new WireReader(
      Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 2, 0, 1, 9, 5, 2, 7, 7, 42]),
    );
    expect(reader.array(() => 1)).toEqual([]);
    expect(reader.compactArray(() => 1)).toEqual([]);
    reader.tags();
    expect(reader.int8()).toBe(42);
  });

  test('no length leads behind the end', () => {
    const lie = new WireWriter().int32(2 ** 31 - 1).bytes;
    expect(() => new WireReader(lie).array(() => new WireReader(lie).raw(1_000))).toThrow(
      RangeError,
    );
    expect(() => new WireReader(lie).raw(-1)).toThrow(RangeError);
    expect(() => new WireReader(Buffer.from([0, 5, 65])).string()).toThrow(RangeError);
    expect(() => new WireReader(Buffer.alloc(9, 0xff)).unsignedVarint()).toThrow(RangeError);
  });
});
