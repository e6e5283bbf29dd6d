import { describe, expect, test } from 'vitest';
import type { Value } from '../../wasm/columns.ts';
import { RowDecoder } from './decode-rows.ts';

/** What one message gives under `{ x: 'timestamp' }`: its value, or the reject's code. */
function read(text: string): Value | { reject: string } {
  const { rows, decoded } = new RowDecoder({ x: 'timestamp' }).decode([`{"x":${text}}`]);
  const [reject] = decoded.rejects;
  return reject === undefined ? rows[0]!.x! : { reject: reject.code };
}

describe('timestamps', () => {
  const micros = (iso: string) => BigInt(Date.parse(iso)) * 1000n;

  test.each([
    ['"2026-01-15T10:30:00Z"', micros('2026-01-15T10:30:00Z')],
    ['"2026-01-15T10:30:00.5Z"', micros('2026-01-15T10:30:00.500Z')],
    ['"2026-01-15T10:30:00.123456Z"', micros('2026-01-15T10:30:00.123Z') + 456n],
    ['"2026-01-15T10:30:00.123456789Z"', micros('2026-01-15T10:30:00.123Z') + 456n],
    ['"2026-01-15t10:30:00z"', micros('2026-01-15T10:30:00Z')],
    ['"2026-01-15 10:30"', micros('2026-01-15T10:30:00Z')],
    ['"2026-01-15T10:30+05:45"', micros('2026-01-15T04:45:00Z')],
    ['"2026-01-15T10:30:00-0330"', micros('2026-01-15T14:00:00Z')],
    ['"2026-01-15T10:30:00+02"', micros('2026-01-15T08:30:00Z')],
    ['"2026-01-15"', micros('2026-01-15T00:00:00Z')],
    ['"2026\\u002d01-15"', micros('2026-01-15T00:00:00Z')],
    ['"2024-02-29T00:00:00Z"', micros('2024-02-29T00:00:00Z')],
    ['"0000-01-01T00:00:00Z"', micros('0000-01-01T00:00:00Z')],
    ['"9999-12-31T23:59:59.999Z"', micros('9999-12-31T23:59:59.999Z')],
    ['"1969-12-31T23:59:59.999999Z"', -1n],
    ['1700000000123', 1700000000123000n],
    ['1700000000123.4567', 1700000000123456n],
    ['-1.5', -1500n],
    ['1.7e12', 1700000000000000n],
    ['0', 0n],
  ])('%s', (text, value) => {
    expect(read(text)).toBe(value);
  });

  test.each([
    ['"2026-02-29T00:00:00Z"', 'timestamp'],
    ['"1900-02-29"', 'timestamp'],
    ['"2026-13-01"', 'timestamp'],
    ['"2026-00-01"', 'timestamp'],
    ['"2026-04-31"', 'timestamp'],
    ['"2026-01-15T24:00:00Z"', 'timestamp'],
    ['"2026-01-15T10:60:00Z"', 'timestamp'],
    ['"2026-01-15T10:30:60Z"', 'timestamp'],
    ['"2026-01-15T10:30:00.Z"', 'timestamp'],
    ['"2026-01-15T10:30:00.1234567890Z"', 'timestamp'],
    ['"2026-01-15T10:30:00+24:00"', 'timestamp'],
    ['"2026-01-15T10:30:00+1"', 'timestamp'],
    ['"2026-01-15T"', 'timestamp'],
    ['"2026-1-15"', 'timestamp'],
    ['""', 'timestamp'],
    [`"${'2'.repeat(300)}"`, 'timestamp'],
    ['"2026-01-15\\q"', 'syntax'],
    ['true', 'type'],
    ['9223372036854776', 'range'],
  ])('refuses %s', (text, reject) => {
    expect(read(text)).toEqual({ reject });
  });

  test('every day of 400 years, by both ways of reading', () => {
    const day = 24 * 60 * 60 * 1000;
    const days = Array.from({ length: 146_097 }, (_, i) => Date.UTC(1800, 0, 1) + i * day);
    const decoder = new RowDecoder({ x: 'timestamp' });
    for (const suffix of ['Z', '+00:00']) {
      const texts = days.map((ms) => `{"x":"${new Date(ms).toISOString().slice(0, -1)}${suffix}"}`);
      const { rows } = decoder.decode(texts);
      const wrong = rows.findIndex(({ x }, i) => x !== BigInt(days[i]!) * 1000n);
      expect(wrong).toBe(-1);
    }
  });
});
