import { expect, test } from 'vitest';
import { parseJson } from '../../src/config/json-text.ts';

test.each([
  '{ "a": [1, { "b": "}," }, []], "c": { "a": null } }',
  '[{ "a": 1 }, { "a": 2 }]',
  '{ "a": "\\"a\\": 1", "b": ":", "": {} }',
  '{ "a": { "x": 1 }, "a": { "x": 1 } }',
  ' 7 ',
])('%s is what JSON.parse makes of it', (text) => {
  expect(parseJson(text)).toEqual(JSON.parse(text));
});

test.each([
  ['{ "a": 1, "b": {}, "a": 2 }', 'a is given twice'],
  ['[{ "x": { "group_id": "a", "group\\u005fid": "b" } }]', 'group_id is given twice'],
  ['{ "a": [1], "a": [2] }', 'a is given twice'],
  ['{ "password": "hush", "password": "hushed" }', /^password is given twice, with two values;/],
])('%s says a name twice', (text, expected) => {
  const refusal = expect.objectContaining({
    code: 'INVALID_OPTION',
    message: expect.stringMatching(expected),
  });
  expect(() => parseJson(text)).toThrow(refusal);
});

test('what is no JSON fails as it does there', () => {
  expect(() => parseJson('{ "a": }')).toThrow(SyntaxError);
});
