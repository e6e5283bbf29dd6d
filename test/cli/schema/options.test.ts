import { describe, expect, test } from 'vitest';
import { defaultName } from '../../../src/cli/schema/default-name.ts';
import { readSchemaOptions, SCHEMA_HELP } from '../../../src/cli/schema/options.ts';

test.each([
  ['orders', 'ordersSchema', 'OrdersRow'],
  ['paid-orders.v2', 'paidOrdersV2Schema', 'PaidOrdersV2Row'],
  ['2026_orders', 'topic2026OrdersSchema', 'Topic2026OrdersRow'],
  ['class', 'classSchema', 'ClassRow'],
  ['--', 'topicSchema', 'TopicRow'],
])('the topic %s gives %s and %s', (topic, literal, typescript) => {
  expect(defaultName(topic, 'literal')).toBe(literal);
  expect(defaultName(topic, 'typescript')).toBe(typescript);
});

describe('the command line', () => {
  test('has defaults', () => {
    expect(readSchemaOptions(['orders'])).toEqual({
      ...{ topic: 'orders', brokers: undefined, client: undefined, config: undefined },
      ...{ format: 'literal', name: undefined, out: undefined, help: false },
      inference: {
        ...{ messages: 1_000, from: 'earliest', integers: 'int64', fractions: 'float64' },
        ...{ nullable: 'observed', conflicts: 'json', maps: 'guess' },
        ...{ timestamps: false, numbers: false, dictionaries: false },
      },
    });
  });

  test('says each option of the rules', () => {
    const words =
      '--messages 2_000 --from latest --integers smallest --fractions decimal --nullable all ' +
      '--conflicts error --maps never --timestamps --numbers --dictionaries';
    expect(readSchemaOptions(words.split(' ')).inference).toEqual({
      ...{ messages: 2_000, from: 'latest', integers: 'smallest', fractions: 'decimal' },
      ...{ nullable: 'all', conflicts: 'error', maps: 'never' },
      ...{ timestamps: true, numbers: true, dictionaries: true },
    });
  });

  test.each([
    [['--format', 'json'], '--format is "json": choose literal, arrow-json, typescript'],
    [['--messages', '0'], '--messages is "0": it must be a whole number from 1 to 10000000'],
    [['--topic', 'x'], 'has no option --topic (millrace schema --help lists the options)'],
    [['--broker', 'x:1'], 'millrace schema has no option --broker; did you mean --brokers?'],
    [['a', '--brokers'], '--brokers takes a value'],
    [['--out', '--help'], '--out takes a value; give one that begins with - as --out=-…'],
    [['a', '--timestamps=yes'], '--timestamps takes no value'],
    [['a', '--name', 'my schema'], "'my schema' cannot be declared"],
    [['a', 'b'], '"b" is another'],
  ])('%j is refused', (args, words) => {
    expect(() => readSchemaOptions(args)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(words) }),
    );
  });

  test('the help has every option', () => {
    const names = SCHEMA_HELP.match(/^ {2}--\w+/gm)!.map((name) => name.trim().slice(2));
    const { inference, topic: _, ...options } = readSchemaOptions([]);
    expect(names.toSorted()).toEqual([...Object.keys({ ...options, ...inference })].toSorted());
  });
});
