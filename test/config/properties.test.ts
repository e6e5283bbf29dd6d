import { expect, test } from 'vitest';
import { parseProperties } from '../../src/config/properties.ts';

const parse = (text: string) => Object.fromEntries(parseProperties(text));

test('each name has the number of the line that it begins in', () => {
  expect(parseProperties('# one\na=1,\\\n  2\n\na=3')).toEqual([
    ['a', '1,2', 2],
    ['a', '3', 5],
  ]);
});

test.each([
  ['name=value', { name: 'value' }],
  ['name = value', { name: 'value' }],
  ['name: value', { name: 'value' }],
  ['name value', { name: 'value' }],
  ['name\tvalue', { name: 'value' }],
  ['name = = value', { name: '= value' }],
  ['name', { name: '' }],
  ['name=', { name: '' }],
  ['= value', { '': 'value' }],
  ['  name=value  ', { name: 'value  ' }],
  ['a=1\nb=2\r\nc=3\rd=4', { a: '1', b: '2', c: '3', d: '4' }],
  ['a=1\na=2', { a: '2' }],
])('%j', (text, expected) => {
  expect(parse(text)).toEqual(expected);
});

test('comments begin with # or !, after blanks too, and do not go on', () => {
  expect(parse('# a=1\n  ! b=2\\\nc=3\nd=4 # no comment\n\n\t\f\n')).toEqual({
    c: '3',
    d: '4 # no comment',
  });
});

test('a backslash at the end goes on without the blanks of the next line', () => {
  expect(parse('list = a,\\\n       b,\\\r\n\tc')).toEqual({ list: 'a,b,c' });
  expect(parse('na\\\n  me=value')).toEqual({ name: 'value' });
  // Two backslashes are one that is escaped; three are that and the end of a line.
  expect(parse('a=1\\\\\nb=2\\\\\\\n3')).toEqual({ a: '1\\', b: '2\\3' });
  // What looks like a comment is none where a line goes on.
  expect(parse('a=1,\\\n# 2')).toEqual({ a: '1,# 2' });
  expect(parse('a=1\\\n\nb=2')).toEqual({ a: '1', b: '2' });
  expect(parse('\\\n\n# comment\na=1\\')).toEqual({ a: '1' });
  expect(parse('\\\n! comment\n\\')).toEqual({ '': '' });
});

test('escapes stand for what Java says', () => {
  expect(parse('a\\=b\\:c\\ d = \\t\\n\\r\\f\\\\|\\x\\#\\!')).toEqual({
    'a=b:c d': '\t\n\r\f\\|x#!',
  });
  expect(parse('price = 5 \\u20ac, \\u00FC')).toEqual({ price: '5 €, ü' });
});

test('an escape of less than four digits is an error that names its line', () => {
  expect(() => parseProperties('# one\na = \\\n  \\u20a', 'app.properties')).toThrow(
    "app.properties:2: '\\u' must be followed by four hexadecimal digits; write '\\\\u' for a " +
      'backslash',
  );
});
