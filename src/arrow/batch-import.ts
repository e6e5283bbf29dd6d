/**
 * An Arrow RecordBatch on the main thread to columns in a worker's shared memory.
 *
 * The main thread has no instance there, only views: {@link planImport} says how many bytes a batch
 * takes, the caller takes a lease of that size, and {@link writeBatch} fills it. Buffers are copied
 * in bulk; only values that must be converted (`FromArrowOptions.widen`) are touched one by one.
 */
import { type Data, type RecordBatch, Type, Vector } from 'apache-arrow';
import { MillraceError } from '../errors.ts';
import { COLUMN_BYTES, type MemoryViews, writeColumn } from '../wasm/column.ts';
import { PADDING } from '../wasm/module.ts';
import { bitmapBytes, copyBits } from './bitmap.ts';
import { decodedValues, dictionaryValues } from './dictionary-values.ts';
import { type Fill, fixedValues, type PendingBuffer } from './fixed-values.ts';
import { fromArrowSchema } from './from-arrow-schema.ts';
import type { DataType, Field, Schema } from './schema.ts';
import type { ColumnSet } from './selection.ts';
import { typeParam } from './type-param.ts';
import { type VariableValues, variableValues } from './variable-values.ts';
import { isImportable } from './widening.ts';

/** Buffers begin at multiples of this in the lease, as `arena_alloc` would place them. */
const ALIGNMENT = 16;

/** A batch that was found fit to be imported. */
export interface ImportPlan {
  readonly rows: number;
  /** Bytes that {@link writeBatch} will fill. */
  readonly byteLength: number;
  readonly schema: Schema;
  readonly columns: readonly ImportColumn[];
}

/** One column's buffers, where they will lie (from the start of the lease), and what fills them. */
interface ImportColumn {
  readonly field: Field;
  readonly length: number;
  readonly nullCount: number;
  readonly validity: Region;
  readonly offsets: Region;
  readonly values: Region;
  readonly children: readonly ImportColumn[];
  /** Offset of the first child's `Column`. */
  readonly firstChild: number;
}

interface Region {
  readonly at: number;
  readonly byteLength: number;
  /** Fills the region, which begins at byte `address` of `bytes`; absent: there is no buffer. */
  readonly fill?: Fill;
}

const NO_REGION: Region = { at: 0, byteLength: 0 };

/**
 * Checks a batch against a schema and lays its columns out. Columns are found by name; those that
 * the schema does not have are left out. Whether the texts of `json` columns are JSON is not looked
 * at: that is for an instance, where they are written, see `checkJson`.
 *
 * @param schema what the steps were compiled on: the batch's own, see `fromArrowSchema`.
 * @throws MillraceError `INVALID_SCHEMA` where a column is missing, has another type, or has nulls
 *   and must not.
 */
export function planImport(batch: RecordBatch, schema: Schema): ImportPlan {
  const found = fromArrowSchema(batch.schema, { widen: true });
  const layout = new Layout(schema.fields.length);
  const columns = schema.fields.map((field) => {
    const index = found.fields.findIndex(({ name }) => name === field.name);
    const type = found.fields[index]?.type;
    if (type === undefined) throw misfit(field.name, 'is missing in a batch');
    if (!isImportable(type, field.type)) {
      throw misfit(field.name, `is ${batch.schema.fields[index]!.type} in a batch`);
    }
    return layout.column(field, batch.data.children[index]!, field.name);
  });
  return { rows: batch.numRows, byteLength: layout.byteLength, schema, columns };
}

/**
 * Copies a planned batch into memory.
 *
 * @param memory all of the worker's memory.
 * @param address of a lease of at least `plan.byteLength` bytes, a multiple of 16.
 * @returns the address of each column.
 */
export function writeBatch(plan: ImportPlan, memory: Uint8Array, address: number): ColumnSet {
  const views = { u8: memory, u32: new Uint32Array(memory.buffer) };
  const addresses = new Map<string, number>();
  for (const [i, column] of plan.columns.entries()) {
    const at = address + i * COLUMN_BYTES;
    write(column, views, address, at);
    addresses.set(column.field.name, at);
  }
  return addresses;
}

function write(column: ImportColumn, views: MemoryViews, base: number, at: number): void {
  const place = ({ at: offset, fill }: Region) => {
    if (fill === undefined) return 0;
    fill(views.u8, base + offset);
    return base + offset;
  };
  const children = column.children.map((child, i) => {
    const address = base + column.firstChild + i * COLUMN_BYTES;
    write(child, views, base, address);
    return address;
  });
  writeColumn(views, at, {
    type: column.field.type.kind,
    param: typeParam(column.field.type),
    constant: false,
    length: column.length,
    nullCount: column.nullCount,
    validity: place(column.validity),
    data: place(column.values),
    offsets: place(column.offsets),
    dataLength: column.values.byteLength,
    children,
  });
}

/** Gives every buffer its place: first the top columns, then everything else as it comes. */
class Layout {
  byteLength: number;

  constructor(columns: number) {
    this.byteLength = alignUp(columns * COLUMN_BYTES);
  }

  /** @param structs those that the column is a member of, with as many rows. */
  column(field: Field, data: Data, path: string, structs: readonly Data[] = []): ImportColumn {
    const { type } = field;
    const content = this.#content(type, data, path, structs);
    const nullCount = content.nullCount ?? data.nullCount;
    const nulls = nullCount > 0 && !field.nullable ? nullsOutside(structs, data) : 0;
    if (nulls > 0) {
      throw misfit(path, `has ${nulls} nulls in a batch, but its field is not nullable`);
    }
    const validity = nullCount === 0 ? NO_REGION : this.#validity(content.validity, data);
    const { length } = data;
    return { ...NO_BUFFERS, ...NO_CHILDREN, ...content, field, length, nullCount, validity };
  }

  #content(type: DataType, data: Data, path: string, structs: readonly Data[]): Content {
    switch (type.kind) {
      case 'struct':
        return this.#children(type.fields, data.children, path, [...structs, data]);
      case 'list':
        return this.#items(type.item, data, path);
      case 'map':
        return this.#items(entriesOf(type.value), data, path);
      case 'utf8':
      case 'binary':
      case 'json':
        if (data.type.typeId === Type.Dictionary) return this.#decoded(data, path);
        return this.#variable(variableValues(data, path));
      case 'dictionary':
        return this.#dictionary(data, path);
      case 'null':
        return { nullCount: data.length, validity: zeroes(bitmapBytes(data.length)) };
      default:
        return { values: this.#region(fixedValues(data, type, path)) };
    }
  }

  #validity(pending: PendingBuffer | undefined, data: Data): Region {
    const { length, nullBitmap, offset } = data;
    const fill: Fill = (bytes, at) => copyBits(bytes, at, nullBitmap, offset, length);
    return this.#region(pending ?? { byteLength: bitmapBytes(length), fill });
  }

  #variable({ offsets, bytes }: Pick<VariableValues, 'offsets' | 'bytes'>) {
    return { offsets: this.#region(offsets), values: this.#region(bytes) };
  }

  #decoded(data: Data, path: string): Content {
    const { nullCount, validity, ...buffers } = decodedValues(data, path);
    return { ...this.#variable(buffers), nullCount, ...(validity && { validity }) };
  }

  #dictionary(data: Data, path: string): Content {
    const { indices, nullCount, validity, texts, textCount } = dictionaryValues(data, path);
    const values = this.#region(indices);
    const firstChild = this.#place(1);
    const child: ImportColumn = {
      ...NO_CHILDREN,
      ...this.#variable(texts),
      field: TEXTS,
      length: textCount,
      nullCount: 0,
      validity: NO_REGION,
    };
    return { values, nullCount, ...(validity && { validity }), firstChild, children: [child] };
  }

  /** The items of a list, or the entries of a map. */
  #items(item: Field, data: Data, path: string): Content {
    const { offsets, first, end } = variableValues(data, path);
    const items = data.children[0]!.slice(first, end - first);
    return { offsets: this.#region(offsets), ...this.#children([item], [items], path) };
  }

  #children(
    fields: readonly Field[],
    data: readonly Data[],
    path: string,
    structs: readonly Data[] = [],
  ) {
    const firstChild = this.#place(fields.length);
    const children = fields.map((field, i) =>
      this.column(field, data[i]!, `${path}.${field.name}`, structs),
    );
    return { firstChild, children };
  }

  #place(columns: number): number {
    const at = this.byteLength;
    this.byteLength += alignUp(columns * COLUMN_BYTES);
    return at;
  }

  #region({ byteLength, fill }: PendingBuffer): Region {
    const at = this.byteLength;
    this.byteLength += alignUp(byteLength + PADDING);
    return { at, byteLength, fill };
  }
}

// In a row whose struct is null every member may be: what lies there is nothing.
function nullsOutside(structs: readonly Data[], data: Data): number {
  const vector = new Vector([data]);
  let nulls = 0;
  for (let row = 0; row < data.length; row++) {
    if (vector.get(row) === null && structs.every((one) => one.getValid(row))) nulls += 1;
  }
  return nulls;
}

const NO_CHILDREN = { children: [], firstChild: 0 };
const NO_BUFFERS = { offsets: NO_REGION, values: NO_REGION };

/** What a vector has beside its length; nulls where they are not those of its own bitmap. */
type Content = Partial<
  Pick<ImportColumn, 'offsets' | 'values' | 'children' | 'firstChild' | 'nullCount'>
> & { readonly validity?: PendingBuffer };

/** The texts of a dictionary. */
const TEXTS: Field = { name: 'text', type: { kind: 'utf8' }, nullable: false };
const KEY: Field = { name: 'key', type: { kind: 'utf8' }, nullable: false };

/** What a map is a list of. */
function entriesOf(value: Field): Field {
  return { name: 'entry', type: { kind: 'struct', fields: [KEY, value] }, nullable: false };
}

function zeroes(byteLength: number): PendingBuffer {
  return { byteLength, fill: (bytes, at) => bytes.fill(0, at, at + byteLength) };
}

function alignUp(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

function misfit(column: string, how: string): MillraceError {
  return new MillraceError(
    `column '${column}' ${how}; every batch of a stream must have the columns of its schema`,
    { code: 'INVALID_SCHEMA', context: { column } },
  );
}
