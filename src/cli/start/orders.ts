/**
 * The orders of the main job: a pure function of the row number, so that whoever checks a result
 * can compute what it should be without having stored the input.
 */
import {
  Data,
  Field,
  Float64,
  Int32,
  Int64,
  RecordBatch,
  Schema,
  Struct,
  TimestampMicrosecond,
  Utf8,
} from 'apache-arrow';

/** The columns of an order, as a schema literal. */
export const ORDER_SCHEMA = {
  id: 'int64',
  customer: 'utf8',
  country: 'utf8',
  status: 'utf8',
  currency: 'utf8',
  amount: 'float64',
  quantity: 'int32',
  created: 'timestamp',
} as const;

/** One order as an object: for the independent check only. */
export interface Order {
  readonly id: number;
  readonly customer: string;
  readonly country: string;
  readonly status: string;
  readonly currency: string;
  readonly amount: number;
  readonly quantity: number;
  /** Milliseconds since the epoch. */
  readonly createdMs: number;
}

const COUNTRIES = ['DE', 'FR', 'NL', 'ES', 'IT', 'PL', 'SE', 'PT'];
const STATUSES = ['paid', 'paid', 'paid', 'open', 'shipped', 'cancelled'];
const CUSTOMERS = 50_000;
const FIRST_MS = Date.UTC(2026, 0, 1);
const ROWS_PER_BATCH = 32_768;

// A good mix of the bits of (row, salt): every field its own stream (the finaliser of murmur3).
function mix(row: number, salt: number): number {
  let h = Math.imul(row ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(salt + 1, 0xc2b2ae35);
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Order number `id`, from 0. */
export function orderAt(id: number): Order {
  return {
    id,
    customer: `customer-${String(mix(id, 1) % CUSTOMERS).padStart(5, '0')}`,
    country: COUNTRIES[mix(id, 2) % COUNTRIES.length]!,
    status: STATUSES[mix(id, 3) % STATUSES.length]!,
    currency: 'EUR',
    amount: (100 + (mix(id, 4) % 99_900)) / 100,
    quantity: 1 + (mix(id, 5) % 9),
    createdMs: FIRST_MS + id * 37,
  };
}

const textEncoder = new TextEncoder();

class TextColumn {
  readonly offsets = new Int32Array(ROWS_PER_BATCH + 1);
  #bytes = new Uint8Array(ROWS_PER_BATCH * 16);

  set(row: number, text: string): void {
    const at = this.offsets[row]!;
    this.offsets[row + 1] = at + textEncoder.encodeInto(text, this.#bytes.subarray(at)).written;
  }

  data(rows: number): Data<Utf8> {
    const data = this.#bytes.slice(0, this.offsets[rows]);
    return new Data(new Utf8(), 0, rows, 0, [this.offsets.slice(0, rows + 1), data]);
  }
}

/** The orders `[0, count)` as Arrow batches, made one by one as they are asked for. */
export function* orderBatches(count: number): Generator<RecordBatch> {
  const schema = new Schema([
    new Field('id', new Int64(), false),
    ...['customer', 'country', 'status', 'currency'].map((n) => new Field(n, new Utf8(), false)),
    new Field('amount', new Float64(), false),
    new Field('quantity', new Int32(), false),
    new Field('created', new TimestampMicrosecond('UTC'), false),
  ]);
  for (let first = 0; first < count; first += ROWS_PER_BATCH) {
    const rows = Math.min(ROWS_PER_BATCH, count - first);
    const children = orderColumns(first, rows, schema);
    yield new RecordBatch(schema, new Data(new Struct(schema.fields), 0, rows, 0, {}, children));
  }
}

function orderColumns(first: number, rows: number, schema: Schema): Data[] {
  const ids = new BigInt64Array(rows);
  const texts = ['customer', 'country', 'status', 'currency'] as const;
  const columns = texts.map(() => new TextColumn());
  const amounts = new Float64Array(rows);
  const quantities = new Int32Array(rows);
  const created = new BigInt64Array(rows);
  for (let row = 0; row < rows; row++) {
    const order = orderAt(first + row);
    ids[row] = BigInt(order.id);
    for (const [i, name] of texts.entries()) columns[i]!.set(row, order[name]);
    amounts[row] = order.amount;
    quantities[row] = order.quantity;
    created[row] = BigInt(order.createdMs) * 1000n;
  }
  const fixed = (name: string, values: BigInt64Array | Float64Array | Int32Array) => {
    const field = schema.fields.find((candidate) => candidate.name === name)!;
    return new Data(field.type, 0, rows, 0, [undefined, values]);
  };
  return [
    fixed('id', ids),
    ...columns.map((column) => column.data(rows)),
    fixed('amount', amounts),
    fixed('quantity', quantities),
    fixed('created', created),
  ];
}
