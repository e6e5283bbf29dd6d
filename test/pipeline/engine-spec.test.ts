import { describe, expect, it } from 'vitest';
import { col, map, Stream } from '../../src/index.ts';
import { engineSpec, outputOf } from '../../src/pipeline/engine-spec.ts';
import type { Partitioner, Plan } from '../../src/plan.ts';

const TOPIC = { partitions: 7, maxBatchBytes: 1_000 };
/** The spec of a plan of one way. */
const specOf = (plan: Plan) => {
  const { inputs, sinks } = engineSpec(plan, () => TOPIC);
  return { source: inputs[0]!.source, sink: sinks[0]! };
};
const orders = () =>
  Stream.fromKafka({ topic: 'orders', schema: { id: 'int64', note: 'utf8', price: 'float64?' } });
const outputNames = (plan: Plan) =>
  names(
    outputOf(
      engineSpec(plan, () => TOPIC),
      0,
    ).fields,
  );
const names = (fields: readonly { name: string }[]) => fields.map(({ name }) => name);

describe('engineSpec', () => {
  it('reads only the columns that the plan reads', () => {
    const { plan } = orders()
      .filter(col('price').gt(1))
      .select('id')
      .toKafka({ topic: 'copy', key: '_key' });
    const { source, sink } = specOf(plan);
    expect(source).toMatchObject({ kind: 'kafka', columns: ['id', 'price'], metadata: ['_key'] });
    expect(sink).toMatchObject({ kind: 'kafka', key: '_key', ...TOPIC });
  });

  it('makes no metadata where nothing names them, and lets none through', () => {
    const { plan } = orders().toKafka({ topic: 'copy' });
    expect(specOf(plan).source).toMatchObject({ metadata: [] });
    expect(outputNames(plan)).toEqual(['id', 'note', 'price']);
  });

  it('keeps a metadata column under a name that a step gave it', () => {
    const { plan } = orders()
      .map({ at: col('_offset') })
      .rename({ _partition: 'part' })
      .toKafka({ topic: 'copy' });
    expect(outputNames(plan)).toEqual(['id', 'note', 'price', 'part', 'at']);
    expect(specOf(plan).source).toMatchObject({ metadata: ['_partition', '_offset'] });
  });

  it('leaves the key out of the value where it is asked to', () => {
    const sink = { topic: 'copy', key: 'note', keyInValue: false };
    const spec = specOf(orders().toKafka(sink).plan).sink;
    if (spec.kind !== 'kafka') throw new Error('it goes to Kafka');
    expect(names(spec.schema.fields)).toEqual(['id', 'price']);
  });

  it('refuses a key that is no column, or has no bytes', () => {
    const plan = (key: string) => ({
      ...orders().toKafka({ topic: 'copy' }).plan,
      sink: { ...orders().toKafka({ topic: 'copy', key: 'note' }).plan.sink, key },
    });
    expect(() => specOf(plan('customer') as never)).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_COLUMN', context: { column: 'customer' } }),
    );
    expect(() => specOf(plan('id') as never)).toThrow(
      expect.objectContaining({ code: 'TYPE_MISMATCH', context: { column: 'id', type: 'int64' } }),
    );
  });

  it("reads a partitioner's column, and keeps one of numbers out of the value", () => {
    const by = (partitioner: Partitioner) => {
      const { plan } = orders().select('id', 'note').toKafka({ topic: 'copy', partitioner });
      const { source, sink } = specOf(plan);
      if (sink.kind !== 'kafka' || source.kind !== 'kafka') throw new Error('it is all Kafka');
      return { value: names(sink.schema.fields), metadata: source.metadata };
    };
    expect(by({ column: 'note' })).toEqual({ value: ['id', 'note'], metadata: [] });
    expect(by({ column: '_key' })).toEqual({ value: ['id', 'note'], metadata: ['_key'] });
    expect(by({ partitionColumn: 'id' })).toEqual({ value: ['note'], metadata: [] });
    const kept = { value: ['id', 'note'], metadata: ['_partition'] };
    expect(by({ partitionColumn: '_partition' })).toEqual(kept);
    expect(() => by({ column: 'id' })).toThrow(expect.objectContaining({ code: 'TYPE_MISMATCH' }));
    expect(() => by({ partitionColumn: 'shard' })).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_COLUMN', context: { column: 'shard' } }),
    );
  });

  it('reads the headers for the sink, and keeps them out of the value', () => {
    const { plan } = orders().select('id').toKafka({ topic: 'copy', headers: '_headers' });
    const spec = specOf(plan);
    expect(spec.source).toMatchObject({ columns: ['id'], metadata: ['_headers'] });
    expect(spec.sink).toMatchObject({ headers: '_headers' });
    const renamed = orders().select('id', { trace: col('_headers') });
    const { sink } = specOf(renamed.toKafka({ topic: 'copy', headers: 'trace' }).plan);
    if (sink.kind !== 'kafka') throw new Error('it goes to Kafka');
    expect(names(sink.schema.fields)).toEqual(['id']);
  });

  it('refuses headers that are no column, or of another type', () => {
    const header = { key: 'utf8', value: 'binary' } as const;
    const pairs = { key: 'utf8', value: 'int32' } as const;
    const stream = Stream.fromBatches([], {
      schema: {
        ...{ id: 'int64', fine: [header], pairs: [pairs] },
        ...{ nulls: [{ ...header, key: 'utf8?' }], numbers: map('int64'), texts: map('utf8?') },
      },
    });
    const sink = (headers: string) => () => stream.toKafka({ topic: 'copy', headers });
    expect(sink('fine')().plan.sink).toMatchObject({ headers: 'fine' });
    expect(sink('texts')().plan.sink).toMatchObject({ headers: 'texts' });
    expect(sink('trace')).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_COLUMN', context: { column: 'trace' } }),
    );
    expect(() => orders().toKafka({ topic: 'copy', headers: '_key' })).toThrow(
      'the headers column "_key" is binary',
    );
    for (const headers of ['id', 'pairs', 'nulls', 'numbers']) {
      expect(sink(headers)).toThrow(
        expect.objectContaining({
          code: 'TYPE_MISMATCH',
          message: expect.stringContaining(`the headers column "${headers}" is `),
        }),
      );
    }
  });
});
