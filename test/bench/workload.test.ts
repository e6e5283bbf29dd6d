import { describe, expect, test } from 'vitest';
import { WORKLOADS, workload } from '../../bench/data/workload.ts';

const BYTES_PER_MESSAGE = {
  order: [170, 185],
  'order-text': [200, 260],
  'order-shuffled': [170, 185],
  nested: [800, 1000],
  small: [55, 70],
  wide: [2000, 3000],
} as const;

describe.each(WORKLOADS)('%s', (name) => {
  const load = workload(name);
  const { bytes, offsets } = load.messages(500, 7);
  const text = (i: number) => Buffer.from(bytes.slice(offsets[i], offsets[i + 1])).toString();

  test('the same seed gives the same messages, another one others', () => {
    expect(load.messages(500, 7).bytes).toEqual(bytes);
    expect(load.messages(500, 8).bytes).not.toEqual(bytes);
  });

  test('messages are objects that have the columns of the schema, of the size that is said', () => {
    const names = load.schema.fields.map((field) => field.name).sort();
    for (let i = 0; i < 500; i++) expect(Object.keys(JSON.parse(text(i))).sort()).toEqual(names);
    const [least, most] = BYTES_PER_MESSAGE[name];
    expect(bytes.length / 500).toBeGreaterThan(least);
    expect(bytes.length / 500).toBeLessThan(most);
  });

  test('the columns that are read are there', () => {
    expect(load.columns.length).toBe(name === 'wide' ? 3 : load.schema.fields.length);
  });
});
