import { expect, it } from 'vitest';
import { NoTextError, textOf } from '../../src/rows/message-text.ts';

it.each(['', 'plain', '\ufeffmarked', 'é日本🎁', 'a \ufffd that was written'])(
  '%j is text',
  (text) => {
    expect(textOf(Buffer.from(text))).toBe(text);
  },
);

it.each([
  [[0xff]],
  [[0x61, 0x80, 0x62]],
  [[0xc3]],
  [[0xed, 0xa0, 0x80]],
  [[0xef, 0xbf, 0xbd, 0xfe]],
])('the bytes %j are none', (bytes) => {
  expect(() => textOf(Buffer.from(bytes))).toThrow(NoTextError);
});
