/**
 * An Arrow RecordBatch on the main thread to columns in a worker's shared memory.
 *
 * The main thread has no instance there, only views: {@link planImport} says how many bytes a batch
 * takes, the caller takes a lease of that size, and {@link writeBatch} fills it. Buffers are copied
 * in bulk; only values that must be converted (`FromArrowOptions.widen`) are touched one by one.
 */
import type { Data, RecordBatch } from 'apache-arrow';
import { MillraceError } from '../errors.ts';
import { COLUMN_BYTES, type MemoryViews, writeColumn } from '../wasm/column.ts';
import { PADDING } from '../wasm/module.ts';
import { bitmapBytes, copyBits } from './bitmap.ts';
import { type Fill, fixedValues } from './fixed-values.ts';
import { fromArrowSchema } from './from-arrow-schema.ts';
import type { DataType, Field, Schema } from './schema.ts';
import type { ColumnSet } from './selection.ts';
import { variableValues } from './variable-values.ts';

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
 * the schema does not have are left out.
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
    if (!sameShape(type, field.type)) {
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

  column(field: Field, data: Data, path: string): ImportColumn {
    const { length } = data;
    const { nullCount } = data;
    if (nullCount > 0 && !field.nullable) {
      throw misfit(path, `has ${nullCount} nulls in a batch, but its field is not nullable`);
    }
    const validity =
      nullCount === 0
        ? NO_REGION
        : this.#region(bitmapBytes(length), (bytes, at) =>
            copyBits(bytes, at, data.nullBitmap, data.offset, length),
          );
    const common = { field, length, nullCount, validity };
    switch (field.type.kind) {
      case 'struct':
        return {
          ...common,
          ...NO_BUFFERS,
          ...this.#children(field.type.fields, data.children, path),
        };
      case 'list':
        return { ...common, ...this.#list(field.type.item, data, path) };
      case 'utf8':
      case 'binary': {
        const { offsets, bytes } = variableValues(data, path);
        return {
          ...common,
          ...NO_CHILDREN,
          offsets: this.#region(offsets.byteLength, offsets.fill),
          values: this.#region(bytes.byteLength, bytes.fill),
        };
      }
      default: {
        const { byteLength, fill } = fixedValues(data, path);
        return { ...common, ...NO_BUFFERS, ...NO_CHILDREN, values: this.#region(byteLength, fill) };
      }
    }
  }

  #list(item: Field, data: Data, path: string) {
    const { offsets, first, end } = variableValues(data, path);
    const items = data.children[0]!.slice(first, end - first);
    const region = this.#region(offsets.byteLength, offsets.fill);
    return { values: NO_REGION, offsets: region, ...this.#children([item], [items], path) };
  }

  #children(fields: readonly Field[], data: readonly Data[], path: string) {
    const firstChild = this.byteLength;
    this.byteLength += alignUp(fields.length * COLUMN_BYTES);
    const children = fields.map((field, i) =>
      this.column(field, data[i]!, `${path}.${field.name}`),
    );
    return { firstChild, children };
  }

  #region(byteLength: number, fill: Fill): Region {
    const at = this.byteLength;
    this.byteLength += alignUp(byteLength + PADDING);
    return { at, byteLength, fill };
  }
}

const NO_CHILDREN = { children: [], firstChild: 0 };
const NO_BUFFERS = { offsets: NO_REGION, values: NO_REGION };

// Nullability is checked on the values: a batch of a stream may say less than its schema.
function sameShape(one: DataType, other: DataType): boolean {
  if (one.kind === 'struct' && other.kind === 'struct') {
    return (
      one.fields.length === other.fields.length &&
      one.fields.every(({ name, type }, i) => {
        const field = other.fields[i]!;
        return name === field.name && sameShape(type, field.type);
      })
    );
  }
  if (one.kind === 'list' && other.kind === 'list')
    return sameShape(one.item.type, other.item.type);
  return one.kind === other.kind;
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
