import { describe, expect, test } from 'vitest';
import { toSchema } from '../../../src/arrow/schema-literal.ts';
import { inferSchema } from '../../../src/index.ts';
import { RowDecoder } from '../codecs/decode-rows.ts';
import { evaluateLiteral } from './evaluate-literal.ts';
import { goldenInferences } from './golden.ts';

describe('test/golden/infer', () => {
  test.each(goldenInferences())('$name: $about', async (golden) => {
    const inferred = await inferSchema(golden.messages, golden.options);
    expect(inferred.toLiteral().split('\n')).toEqual(golden.literal);
    const notes = inferred.notes.map(
      ({ kind, column, message }) => `${kind} ${column}: ${message}`,
    );
    expect(notes).toEqual(golden.notes);
    const rejects = inferred.rejects.map(({ message, reason }) => `${message}: ${reason}`);
    expect(rejects).toEqual(golden.rejects ?? []);
    expect(inferred.rejected).toBe(rejects.length);
    expect(inferred.sampled).toBe(golden.messages.length - rejects.length);
  });

  test.each(goldenInferences())('$name: every message of the sample decodes', async (golden) => {
    const { rejected, ...inferred } = await inferSchema(golden.messages, golden.options);
    const schema = toSchema(inferred.schema);
    const { decoded } = new RowDecoder(schema).decode(golden.messages);
    expect(decoded.rejects.map(({ reason }) => reason)).toHaveLength(rejected);
  });

  test.each(goldenInferences())('$name: the literal is the schema', async (golden) => {
    const inferred = await inferSchema(golden.messages, golden.options);
    expect(toSchema(evaluateLiteral(inferred.toLiteral()))).toEqual(toSchema(inferred.schema));
  });
});

describe('the sample', () => {
  test('ends after as many messages as are asked for, and leaves the rest', async () => {
    const numbers = function* () {
      for (let i = 0; ; i++) yield JSON.stringify(i < 3 ? { a: i } : { a: 'text' });
    };
    const { sampled, toLiteral: _, ...inferred } = await inferSchema(numbers(), { messages: 3 });
    expect(sampled).toBe(3);
    expect(inferred.schema.fields.map(({ type }) => String(type))).toEqual(['Int64']);
  });

  test('comes from anything that can be iterated, as bytes or as text', async () => {
    const messages = async function* () {
      yield Buffer.from('{"a":1}');
      yield '{"a":"é"}';
      yield new TextEncoder().encode('{"é":true}');
    };
    const inferred = await inferSchema(messages(), { messages: 1_000 });
    expect(inferred.toLiteral()).toBe("{\n  a: 'json?',\n  'é': 'bool?',\n}");
  });
});

describe('what cannot be inferred', () => {
  const failure = (messages: Iterable<string | null>, options = {}) =>
    inferSchema(messages, options).catch((error) => error);

  test('nothing from nothing', async () => {
    expect(await failure([])).toMatchObject({
      code: 'INFERENCE_FAILED',
      message: expect.stringContaining('the list has no message'),
    });
  });

  test('nothing from tombstones', async () => {
    expect(await failure([null, null])).toMatchObject({
      code: 'INFERENCE_FAILED',
      message: expect.stringContaining('nothing but messages without a value'),
    });
  });

  test('nothing from what is not JSON: the first is told', async () => {
    expect(await failure(['Hello', '[1]'])).toMatchObject({
      code: 'INFERENCE_FAILED',
      message: expect.stringMatching(/none of the 2 messages.*message 0: invalid JSON, at `Hello`/),
      context: { rejected: 2, tombstones: 0 },
    });
  });

  test('nothing from objects without members', async () => {
    expect(await failure(['{}', '{}'])).toMatchObject({
      code: 'INFERENCE_FAILED',
      message: expect.stringContaining('no member that can be a column'),
    });
  });

  test('a conflict is an error where that is asked for, and names its column', async () => {
    const messages = ['{"a":{"b":[1]}}', '{"a":{"b":["x"]}}'];
    expect(await failure(messages, { conflicts: 'error' })).toMatchObject({
      code: 'INFERENCE_FAILED',
      message: expect.stringContaining("the column 'a.b[]' has 1 number and 1 string"),
      context: { column: 'a.b[]' },
    });
  });
});

describe('options', () => {
  const refused = async (source: unknown, options: unknown = {}) =>
    inferSchema(source as string[], options as object).catch((error) => error);

  test.each([
    [[], { integers: 'int32' }, "integers is 'int32'; give one of 'int64', 'smallest'"],
    [[], { mesages: 3 }, "inferSchema has no option 'mesages'; did you mean 'messages'"],
    [[], { messages: 0 }, 'messages is 0; give a whole number from 1'],
    [[], { signal: 1 }, 'signal is 1; give the signal of an AbortController'],
    ['{"a":1}', {}, 'not string; give'],
    [null, {}, 'inferSchema takes a topic or a list of messages'],
    [[1], {}, 'takes messages as bytes, strings or null, not number'],
    [{ brokers: 'x:1' }, {}, 'inferSchema: topic is undefined; name the topic to read'],
  ])('%j %j', async (source, options, words) => {
    expect(await refused(source, options)).toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(words),
    });
  });
});
