import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RecordBatch, Table, tableToIPC } from 'apache-arrow';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type IpcInput, openIpc } from '../../src/arrow/ipc.ts';
import { madeBatch, madeRow, rowsOf } from './batches.ts';

// Both batches have the same dictionaries, as the file format wants it.
const made = madeBatch(5);
const table = new Table([made, made.slice(0, 3)]);
const expected = [...Array(5).keys(), ...Array(3).keys()].map(madeRow);
const stream = tableToIPC(table, 'stream');
const file = tableToIPC(table, 'file');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-ipc-'));
  await writeFile(join(folder, 'a.arrow'), file);
  await writeFile(join(folder, 'a.arrows'), stream);
});
afterAll(() => rm(folder, { recursive: true }));

async function read(batches: AsyncIterable<RecordBatch>): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const batch of batches) rows.push(...rowsOf(batch));
  return rows;
}

async function* inPieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

test.each([
  ['stream bytes', () => stream],
  ['file bytes', () => file],
  ['a path to the file format', () => join(folder, 'a.arrow')],
  ['a path to the stream format', () => join(folder, 'a.arrows')],
  ['an ArrayBuffer', () => Uint8Array.from(stream).buffer],
])('%s are read, and read again', async (_, input) => {
  const source = await openIpc(input() as IpcInput);
  expect(source.schema.fields.map(({ name }) => name)).toContain('items');
  expect(await read(source.open())).toEqual(expected);
  expect(await read(source.open())).toEqual(expected);
});

test('a stream of bytes in small pieces is read', async () => {
  expect(await read((await openIpc(inPieces(stream, 100))).open())).toEqual(expected);
  expect(await read((await openIpc(inPieces(file, 100))).open())).toEqual(expected);
});

test('leaving the batches early closes the file', async () => {
  const source = await openIpc(join(folder, 'a.arrow'));
  for await (const batch of source.open()) {
    expect(batch.numRows).toBe(5);
    break;
  }
});

test.each([
  ['nothing', new Uint8Array(0)],
  ['text', Buffer.from('{"this": "is JSON, not Arrow"}')],
  ['only the magic', Buffer.from('ARROW1\0\0')],
])('%s is refused', async (_, bytes) => {
  await expect(openIpc(bytes)).rejects.toThrow(
    expect.objectContaining({
      code: 'INVALID_SCHEMA',
      message: expect.stringContaining('Arrow IPC'),
    }),
  );
});

test('a stream cut anywhere gives whole batches or an error, never other rows', async () => {
  const whole = new Set([0, 5, 8]);
  for (let length = 8; length < stream.length; length += 61) {
    const rows = await openIpc(stream.slice(0, length))
      .then((source) => read(source.open()))
      .catch((error: Error & { code?: string }) => {
        expect(error.code).toBe('INVALID_SCHEMA');
        return [];
      });
    expect(whole.has(rows.length)).toBe(true);
    expect(rows).toEqual(expected.slice(0, rows.length));
  }
});

test('a file that is not there is named', async () => {
  await expect(openIpc('/nowhere/x.arrow')).rejects.toThrow(/\/nowhere\/x\.arrow cannot be read/);
});
