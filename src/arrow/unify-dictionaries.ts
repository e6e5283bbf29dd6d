/**
 * One dictionary for a column in all batches of a table, where each batch came with its own: the
 * file format of Arrow IPC has no other, and texts are then stored once.
 */
import {
  type DataType as ArrowDataType,
  type Schema as ArrowSchema,
  Data,
  type Dictionary,
  RecordBatch,
  Type,
  Utf8,
  Vector,
} from 'apache-arrow';
import { bitAt } from './bitmap.ts';

/**
 * The same batches, whose dictionary columns, nested ones too, share one dictionary each. Only
 * their indices are new; the batches themselves where there is nothing to share.
 *
 * @param batches of the schema `schema`, as runs hand them out: dictionaries of Int32 and Utf8.
 */
export function unifyDictionaries(
  batches: readonly RecordBatch[],
  schema: ArrowSchema,
): readonly RecordBatch[] {
  if (batches.length < 2 || !schema.fields.some(({ type }) => hasDictionary(type))) return batches;
  const whole = unify(batches.map(({ data }) => data));
  return whole.map((data) => new RecordBatch(schema, data as RecordBatch['data']));
}

function hasDictionary(type: ArrowDataType): boolean {
  if (type.typeId === Type.Dictionary) return true;
  return (type.children ?? []).some((child) => hasDictionary(child.type));
}

/** One column of every batch. */
function unify(parts: readonly Data[]): readonly Data[] {
  const { type } = parts[0]!;
  if (type.typeId === Type.Dictionary) return shareTexts(parts as readonly Data<Dictionary>[]);
  if (!hasDictionary(type)) return parts;
  const children = type.children!.map((_, i) => unify(parts.map((part) => part.children[i]!)));
  return parts.map((part, batch) => {
    const own = children.map((child) => child[batch]!);
    return new Data(part.type, part.offset, part.length, part.nullCount, part.buffers, own);
  });
}

function shareTexts(parts: readonly Data<Dictionary>[]): readonly Data[] {
  const numbers = new Map<string, number>();
  const indices = parts.map((part) => renumbered(part, numbers));
  const dictionary = new Vector([textData([...numbers.keys()])]);
  return parts.map((part, i) => {
    const { type, length, nullCount, nullBitmap } = part;
    const buffers = { 1: indices[i], 2: nullBitmap } as unknown as Data['buffers'];
    return new Data(type, 0, length, nullCount, buffers, [], dictionary);
  });
}

function renumbered(part: Data<Dictionary>, numbers: Map<string, number>): Int32Array {
  const texts = part.dictionary!;
  const values = part.values as unknown as Int32Array;
  const known = new Int32Array(texts.length).fill(-1);
  return Int32Array.from({ length: part.length }, (_, row) => {
    if (part.nullCount > 0 && !bitAt(part.nullBitmap, row)) return 0;
    const index = values[row]!;
    if (known[index] === -1) {
      const text = texts.get(index) as string;
      if (!numbers.has(text)) numbers.set(text, numbers.size);
      known[index] = numbers.get(text)!;
    }
    return known[index]!;
  });
}

function textData(texts: readonly string[]): Data<Utf8> {
  const parts = texts.map((text) => Buffer.from(text));
  const offsets = new Int32Array(texts.length + 1);
  for (const [i, part] of parts.entries()) offsets[i + 1] = offsets[i]! + part.length;
  const buffers = { 0: offsets, 1: Buffer.concat(parts) } as unknown as Data<Utf8>['buffers'];
  return new Data(new Utf8(), 0, texts.length, 0, buffers);
}
