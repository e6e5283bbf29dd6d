import { expect, test } from 'vitest';
import { bitAt, bitmapBytes, copyBits } from '../../src/arrow/bitmap.ts';

const source = Uint8Array.from({ length: 8 }, (_, i) => (i * 151 + 43) & 0xff);

test('every range of a bitmap is copied bit for bit, with zeros behind it', () => {
  for (let from = 0; from < 24; from++) {
    for (let count = 0; count <= 64 - from; count++) {
      const target = new Uint8Array(12).fill(0xff);
      copyBits(target, 1, source, from, count);
      const bytes = target.subarray(1, 1 + bitmapBytes(count));
      for (let i = 0; i < bytes.length * 8; i++) {
        const expected = i < count && bitAt(source, from + i);
        if (bitAt(bytes, i) !== expected) throw new Error(`bit ${i} of ${count} from ${from}`);
      }
      expect(target[0]).toBe(0xff);
      expect(target[1 + bytes.length]).toBe(0xff);
    }
  }
});
