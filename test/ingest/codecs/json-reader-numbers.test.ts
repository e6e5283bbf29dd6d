import { describe, expect, test } from 'vitest';
import type { FieldLiteral } from '../../../src/arrow/schema-literal.ts';
import { BEFORE_VALUE, readOne, rejectOfOne } from './read-one.ts';

const zeros = (count: number) => '0'.repeat(count);

describe('integers of every width', () => {
  test.each([
    ['int8', -128, 127],
    ['int16', -32_768, 32_767],
    ['int32', -2_147_483_648, 2_147_483_647],
    ['uint8', 0, 255],
    ['uint16', 0, 65_535],
    ['uint32', 0, 4_294_967_295],
  ] as const)('%s holds %i to %i', (type, least, most) => {
    expect(readOne(type, String(least))).toBe(least);
    expect(readOne(type, String(most))).toBe(most);
    expect(readOne(type, `${most}.000`)).toBe(most);
    expect(readOne(type, `${most}0e-1`)).toBe(most);
    expect(readOne(type, '1e2')).toBe(100);
    for (const beyond of [most + 1, least - 1, most + 0.5, '1e99']) {
      const reject = String(beyond).includes('.') ? 'type' : 'range';
      expect(readOne(type, String(beyond))).toEqual({ reject });
    }
    expect(readOne(type, '"1"')).toEqual({ reject: 'type' });
  });

  test.each([
    ['0', 0n],
    ['-0', 0n],
    ['-0.0e5', 0n],
    ['18446744073709551615', 18446744073709551615n],
    ['9999999999999999999', 9999999999999999999n],
    ['1844674407370955161.5e1', 18446744073709551615n],
    ['1e19', 10n ** 19n],
  ])('uint64 %s', (text, value) => {
    expect(readOne('uint64', text)).toBe(value);
  });

  test.each([
    ['18446744073709551616', 'range'],
    ['99999999999999999999', 'range'],
    ['1e20', 'range'],
    ['-1', 'range'],
    ['-1e-1', 'type'],
    ['0.5', 'type'],
    ['00', 'syntax'],
    ['1e', 'syntax'],
    ['-', 'syntax'],
  ])('uint64 refuses %s', (text, reject) => {
    expect(readOne('uint64', text)).toEqual({ reject });
  });
});

describe('float32', () => {
  test.each([
    ['0.1', Math.fround(0.1)],
    ['-0', -0],
    ['16777216', 16777216],
    ['16777217', 16777216],
    ['16777219', 16777220],
    ['3.4028234663852886e38', 3.4028234663852886e38],
    ['3.40282356e38', 3.4028234663852886e38],
    ['1.401298464324817e-45', 1.401298464324817e-45],
    ['7.006492321624086e-46', 1.401298464324817e-45],
    ['1e-400', 0],
    ['-1e-50', -0],
  ])('%s', (text, value) => {
    expect(readOne('float32', text)).toBe(value);
  });

  // 1 + 2^-24 lies exactly between 1 and the next float32: rounding to float64 first would lose
  // the digit that decides.
  const middle = '1.000000059604644775390625';
  const next = 1 + 2 ** -23;
  // All digits of 2^-150.
  const half =
    '7.00649232162408535461864791644958065640130970938257885878534141944895541342930300743' +
    '319094181060791015625';
  test.each([
    [middle, 1],
    [`${middle}${zeros(1000)}`, 1],
    [`${middle}${zeros(1000)}1`, next],
    [`${middle}0000000000000001`, next],
    ['1.000000059604644775390624999999999', 1],
    [`${middle.replace('.', '')}e-24`, 1],
    [`${middle.replace('.', '')}1e-25`, next],
    [`0.${zeros(300)}1000000059604644775390625001e301`, next],
    ['1.00000017881393432617187499', next],
    ['1.000000178813934326171875', 1 + 2 ** -22],
    // Between 0 and the smallest, and between the largest and infinity.
    [`${half}e-46`, 0],
    [`${half}001e-46`, 2 ** -149],
    ['340282356779733661637539395458142568447.99', 3.4028234663852886e38],
  ])('a tie is decided by the text: %s', (text, value) => {
    expect(readOne('float32', text)).toBe(value);
    expect(readOne('float32', `-${text}`)).toBe(-value);
  });

  test.each([
    ['340282356779733661637539395458142568448', 'range'],
    ['3.5e38', 'range'],
    ['-1e39', 'range'],
    ['1e400', 'range'],
    ['"1"', 'type'],
    ['1.', 'syntax'],
  ])('refuses %s', (text, reject) => {
    expect(readOne('float32', text)).toEqual({ reject });
  });
});

describe('decimals', () => {
  const money: FieldLiteral = 'decimal(12,2)';
  const widest: FieldLiteral = 'decimal(38,0)';

  test.each([
    [money, '12.5', 1250n],
    [money, '"12.5"', 1250n],
    [money, '-0.01', -1n],
    [money, '0', 0n],
    [money, '-0.00', 0n],
    [money, '1.50e3', 150_000n],
    [money, '1234567e-4', undefined],
    [money, '1234500e-4', 12345n],
    [money, '12.500000000000000000000000000000', 1250n],
    [money, '9999999999.99', 999_999_999_999n],
    [money, '"+7"', 700n],
    [money, '"007.10"', 710n],
    [money, '"-0e5"', 0n],
    [money, '"1e2"', 10_000n],
    [money, '"\\u0031.5"', 150n],
    [widest, '9'.repeat(38), 10n ** 38n - 1n],
    [widest, `-${'9'.repeat(38)}`, 1n - 10n ** 38n],
    [widest, `1${zeros(37)}.0`, 10n ** 37n],
    [widest, `1e37`, 10n ** 37n],
    [widest, `0.${zeros(70_000)}1e70001`, 1n],
    ['decimal(38,38)', `0.${'1'.repeat(38)}`, BigInt('1'.repeat(38))],
    ['decimal(38,38)', '1e-38', 1n],
    ['decimal(1,0)', '"0009"', 9n],
  ] as const)('%s of %s', (type, text, value) => {
    expect(readOne(type, text)).toEqual(value ?? { reject: 'range' });
  });

  test.each([
    [money, '0.001', 'range'],
    [money, '10000000000', 'range'],
    [money, '"10000000000.00"', 'range'],
    [widest, `1${zeros(38)}`, 'range'],
    [widest, '1e999999999', 'range'],
    [widest, '1e-999999999', 'range'],
    [widest, '"1e999999999999999999999"', 'range'],
    [widest, '0.5', 'range'],
    [money, '""', 'decimal'],
    [money, '"1,5"', 'decimal'],
    [money, '" 1"', 'decimal'],
    [money, '"1 "', 'decimal'],
    [money, '"1."', 'decimal'],
    [money, '".5"', 'decimal'],
    [money, '"--1"', 'decimal'],
    [money, '"NaN"', 'decimal'],
    [money, '"1\\u0000"', 'decimal'],
    [money, '"1e"', 'decimal'],
    [money, '"1\\q"', 'syntax'],
    [money, '"\xff', 'syntax'],
    [money, '01', 'syntax'],
    [money, 'true', 'type'],
    [money, 'null', 'null'],
  ] as const)('%s refuses %s', (type, text, reject) => {
    expect(readOne(type, text)).toEqual({ reject });
  });
});

describe('reasons name type, column and value', () => {
  test.each([
    ['int8', '300', 'the number 300 is out of range of int8 for column "x" (byte 5)'],
    ['uint32', '-1', 'the number -1 is out of range of uint32 for column "x" (byte 5)'],
    ['float32', '"a"', 'expected float32 for column "x", found a string, `"a"` (byte 5)'],
    [
      'decimal(5,2)',
      '1.005',
      'the number 1.005 is out of range of decimal(5,2) for column "x", which has at most 3 ' +
        'digits before the point and 2 behind it (byte 5)',
    ],
    [
      'decimal(5,2)',
      '"12,5"',
      'expected a decimal number in the text for column "x", found a string, `"12,5"` (byte 5)',
    ],
    ['decimal(5,2)', '[]', 'expected decimal(5,2) for column "x", found an array, `[]` (byte 5)'],
  ] as const)('%s of %s', (type, text, reason) => {
    const position = BEFORE_VALUE.length;
    expect(rejectOfOne(type, text)).toMatchObject({ reason, position, column: 'x' });
  });
});
