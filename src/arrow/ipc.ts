/**
 * Arrow IPC, stream and file format, to record batches.
 * https://arrow.apache.org/docs/format/Columnar.html, "Serialization and IPC"
 */
import { open } from 'node:fs/promises';
import {
  type Schema as ArrowSchema,
  type AsyncRecordBatchFileReader,
  type AsyncRecordBatchStreamReader,
  type RecordBatch,
  RecordBatchReader,
} from 'apache-arrow';
import { MillraceError } from '../errors.ts';

/** Bytes of one IPC stream or file, the path of one, or a stream of bytes. */
export type IpcInput = Uint8Array | ArrayBuffer | string | URL | AsyncIterable<Uint8Array>;

/** An IPC stream or file whose schema was read. */
export interface IpcSource {
  readonly schema: ArrowSchema;
  /** The batches from the first one on; bytes and paths can be read again, a stream cannot. */
  open(): AsyncIterable<RecordBatch>;
}

/** Whether `input` can be read only once. */
export function isByteStream(input: IpcInput): input is AsyncIterable<Uint8Array> {
  return typeof input === 'object' && Symbol.asyncIterator in input;
}

type Reader = AsyncRecordBatchStreamReader | AsyncRecordBatchFileReader | RecordBatchReader;

/**
 * Reads the schema of `input`.
 *
 * @throws MillraceError `INVALID_SCHEMA` where it is not Arrow IPC or is damaged; `INVALID_OPTION`
 *   where the file cannot be read.
 */
export async function openIpc(input: IpcInput): Promise<IpcSource> {
  const name = nameOf(input);
  const reader = await openReader(input, name);
  const { schema } = reader;
  // A stream cannot begin again; what else there is does, so that no file stays open unread.
  if (isByteStream(input)) return { schema, open: () => readBatches(reader, name) };
  await reader.cancel();
  return { schema, open: () => readBatches(openReader(input, name), name) };
}

async function openReader(input: IpcInput, name: string): Promise<Reader> {
  const isPath = typeof input === 'string' || input instanceof URL;
  const source = isPath ? await openFile(input) : input;
  try {
    const reader = (await RecordBatchReader.from(source as Uint8Array)) as Reader;
    await reader.open();
    if (reader.schema === undefined || reader.schema === null) throw new Error('no schema');
    return reader;
  } catch (error) {
    if (isPath) await (source as { close(): Promise<void> }).close();
    throw damaged(name, error);
  }
}

async function openFile(path: string | URL) {
  try {
    return await open(path);
  } catch (error) {
    throw new MillraceError(`the IPC file ${path} cannot be read: ${(error as Error).message}`, {
      code: 'INVALID_OPTION',
      context: { path: String(path) },
      cause: error,
    });
  }
}

async function* readBatches(
  opening: Reader | Promise<Reader>,
  name: string,
): AsyncGenerator<RecordBatch> {
  const reader = await opening;
  try {
    for (;;) {
      const next = await nextBatch(reader, name);
      if (next === undefined) return;
      yield next;
    }
  } finally {
    await reader.cancel();
  }
}

async function nextBatch(reader: Reader, name: string): Promise<RecordBatch | undefined> {
  try {
    const next = await reader.next();
    return next.done === true ? undefined : (next.value as RecordBatch);
  } catch (error) {
    throw damaged(name, error);
  }
}

function nameOf(input: IpcInput): string {
  if (typeof input === 'string' || input instanceof URL) return `the file ${input}`;
  return input instanceof Uint8Array || input instanceof ArrayBuffer
    ? `${input.byteLength} bytes`
    : 'a stream of bytes';
}

function damaged(name: string, error: unknown): MillraceError {
  const why = error instanceof Error ? error.message : String(error);
  return new MillraceError(
    `${name} is not Arrow IPC (stream or file format), or is damaged: ${why}`,
    { code: 'INVALID_SCHEMA', cause: error },
  );
}
