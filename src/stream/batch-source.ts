/** Where the batches of a stream that does not read Kafka come from. */
import { type RecordBatch, Table } from 'apache-arrow';
import { fromArrowSchema } from '../arrow/from-arrow-schema.ts';
import { type IpcInput, isByteStream, openIpc } from '../arrow/ipc.ts';
import type { Schema } from '../arrow/schema.ts';
import { type SchemaInput, toSchema } from '../arrow/schema-literal.ts';
import { MillraceError } from '../errors.ts';
import type { RunSettingsInput } from './run-settings.ts';

/** What `Stream.fromBatches` takes. */
export interface BatchesOptions<S extends SchemaInput = SchemaInput> extends RunSettingsInput {
  /** The columns of the batches. Default: those of the table or of the first batch. */
  readonly schema?: S;
}

/** Batches that can be iterated once or more often. */
export type BatchIterable = Iterable<RecordBatch> | AsyncIterable<RecordBatch>;

/** A schema, and batches that have it. */
export interface BatchSource {
  readonly schema: Schema;
  /** The batches from the first one on. */
  open(): BatchIterable;
}

/**
 * A source over batches that the caller has. A table and an array are read anew by every run; other
 * iterables can be read once, and the second run is refused.
 *
 * @param schema what the batches have; default that of the table or of the first batch, for which
 *   an iterable that is not asynchronous is asked at once.
 * @throws MillraceError `INVALID_SCHEMA` for a type that cannot be imported, or where no schema was
 *   given and none can be had.
 */
export function batchSource(
  batches: Table | BatchIterable,
  schema: SchemaInput | undefined,
): BatchSource {
  const given = schema === undefined ? undefined : toSchema(schema);
  if (batches instanceof Table) {
    const own = given ?? fromArrowSchema(batches.schema, { widen: true });
    return { schema: own, open: () => batches.batches };
  }
  if (Array.isArray(batches)) {
    return { schema: given ?? schemaOfFirst(batches[0]), open: () => batches };
  }
  if (typeof batches !== 'object' || batches === null) throw notBatches(batches);
  if (Symbol.asyncIterator in batches) {
    if (given !== undefined) return { schema: given, open: once(() => batches) };
    throw new MillraceError(
      'the schema of batches that are yet to come is not known; give it as the option schema',
      { code: 'INVALID_SCHEMA' },
    );
  }
  if (!(Symbol.iterator in batches)) throw notBatches(batches);
  if (given !== undefined) return { schema: given, open: once(() => batches) };
  const iterator = batches[Symbol.iterator]();
  const first = iterator.next();
  const own = schemaOfFirst(first.done === true ? undefined : first.value);
  return { schema: own, open: once(() => withFirst(first, iterator)) };
}

/**
 * A source over Arrow IPC: bytes and paths are read anew by every run, a stream of bytes once.
 *
 * @throws MillraceError `INVALID_SCHEMA` where it is not Arrow IPC or is damaged.
 */
export async function ipcSource(input: IpcInput): Promise<BatchSource> {
  const ipc = await openIpc(input);
  const schema = fromArrowSchema(ipc.schema, { widen: true });
  return { schema, open: isByteStream(input) ? once(ipc.open) : ipc.open };
}

function schemaOfFirst(batch: RecordBatch | undefined): Schema {
  if (batch !== undefined) return fromArrowSchema(batch.schema, { widen: true });
  throw new MillraceError('there is no batch to take the schema from; give the option schema', {
    code: 'INVALID_SCHEMA',
  });
}

function* withFirst(
  first: IteratorResult<RecordBatch>,
  rest: Iterator<RecordBatch>,
): Generator<RecordBatch> {
  try {
    for (let next = first; next.done !== true; next = rest.next()) yield next.value;
  } finally {
    rest.return?.();
  }
}

/** An `open` that answers once. */
export function once(open: () => BatchIterable): () => BatchIterable {
  let isOpen = false;
  return () => {
    if (isOpen) {
      throw new MillraceError(
        'the batches of this stream can be read once, and were; give an array or a table instead',
        { code: 'INVALID_PLAN' },
      );
    }
    isOpen = true;
    return open();
  };
}

function notBatches(value: unknown): MillraceError {
  const given = value === null ? 'null' : typeof value;
  return new MillraceError(`Stream.fromBatches takes record batches or a table, not ${given}`, {
    code: 'INVALID_OPTION',
    context: { option: 'batches' },
  });
}
