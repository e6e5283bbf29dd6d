import { describe, expect, it } from 'vitest';
import { METADATA_FIELDS, metadataColumns } from '../../src/ingest/metadata-columns.ts';
import { readColumn } from '../../src/wasm/column.ts';
import { ArenaFull } from '../../src/wasm/instance.ts';
import { columnToValues } from '../wasm/columns.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';
import { buildBatch, type RecordSpec } from './build-batch.ts';
import { readBatches } from './read-records.ts';

const wasm = makeInstance();
const NAMES = METADATA_FIELDS.map(({ name }) => name);
const bytes = (text: string) => new Uint8Array(Buffer.from(text));

function valuesOf(records: readonly RecordSpec[], batch = {}) {
  openArena(wasm);
  const { address } = readBatches(wasm, buildBatch({ records, ...batch }));
  const columns = metadataColumns(wasm, address, NAMES, 'orders-é', 4);
  const values = METADATA_FIELDS.map(({ name, type }) => [
    name,
    columnToValues(wasm, columns.get(name)!, type),
  ]);
  return { columns, values: Object.fromEntries(values) };
}

describe('metadataColumns', () => {
  it('makes every column', () => {
    const records: RecordSpec[] = [
      { key: 'k1', value: '1', headers: [['trace', 'abc']] },
      { value: '2', timestampDelta: 5n },
      {
        key: '',
        value: '3',
        headers: [
          ['a', null],
          ['', ''],
          ['a', 'again'],
        ],
      },
    ];
    const { values, columns } = valuesOf(records, { baseOffset: 1n << 40n, baseTimestamp: 1000n });
    expect(values).toEqual({
      _topic: ['orders-é', 'orders-é', 'orders-é'],
      _partition: [4, 4, 4],
      _offset: [0n, 1n, 2n].map((delta) => (1n << 40n) + delta),
      _timestamp: [1_000_000n, 1_005_000n, 1_000_000n],
      _key: [bytes('k1'), null, bytes('')],
      _headers: [
        [{ key: 'trace', value: bytes('abc') }],
        [],
        [
          { key: 'a', value: null },
          { key: '', value: bytes('') },
          { key: 'a', value: bytes('again') },
        ],
      ],
    });
    expect(readColumn(wasm, columns.get('_topic')!).constant).toBe(true);
  });

  it('has null where a record has no time, or one that microseconds do not hold', () => {
    const far = 2n ** 62n;
    const records = [{ timestampDelta: -1n }, { timestampDelta: far }, { timestampDelta: -far }];
    const largest = (2n ** 63n - 1n) / 1000n;
    const edge = [{ timestampDelta: largest }, { timestampDelta: -largest }];
    expect(valuesOf([...records, ...edge, {}]).values._timestamp).toEqual([
      null,
      null,
      null,
      largest * 1000n,
      -largest * 1000n,
      0n,
    ]);
  });

  it('shows header keys that are not UTF-8 with replacement characters', () => {
    const odd = Uint8Array.of(0x61, 0xff, 0xc3, 0x28, 0xe2, 0x82);
    const { values } = valuesOf([{ headers: [[odd, 'v']] }, { headers: [['good é', 'w']] }]);
    const keys = (values._headers as { key: string }[][]).map(([header]) => header!.key);
    expect(keys).toEqual(['a\ufffd\ufffd(\ufffd\ufffd', 'good é']);
  });

  it('makes only what is asked for, and nothing of no records', () => {
    openArena(wasm);
    const { address } = readBatches(wasm, new Uint8Array());
    const columns = metadataColumns(wasm, address, ['_key', 'amount', '_headers'], 't', 0);
    expect([...columns.keys()]).toEqual(['_key', '_headers']);
    expect(columnToValues(wasm, columns.get('_headers')!)).toEqual([]);
  });

  it('says that the lease is full', () => {
    openArena(wasm);
    const { address } = readBatches(
      wasm,
      buildBatch({ records: [{ key: 'k', headers: [['h', 'v']] }] }),
    );
    const mark = wasm.exports.arena_mark();
    for (const name of NAMES) {
      wasm.exports.arena_open(mark, mark + 100);
      expect(() => metadataColumns(wasm, address, [name], 'topic', 0), name).toThrow(ArenaFull);
    }
  });
});
