/** Schemas to and from apache-arrow's, type by type. */
import {
  type DataType as ArrowDataType,
  Field as ArrowField,
  Schema as ArrowSchema,
  Binary,
  Bool,
  DateDay,
  Decimal,
  Dictionary,
  DurationMicrosecond,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  List,
  Map_,
  Null,
  Struct,
  TimeMicrosecond,
  Timestamp,
  TimeUnit,
  type TypeMap,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
} from 'apache-arrow';
import type { DataType, Field, PlainType, Schema } from './schema.ts';

/** Arrow's canonical extension type for JSON text: what marks a utf8 field as `json`. */
export const JSON_EXTENSION = 'arrow.json';
/** The key of a field's metadata that names its extension type. */
export const EXTENSION_KEY = 'ARROW:extension:name';

const DECIMAL_BITS = 128;

/** Arrow's number of each unit of time. */
export const ARROW_UNITS = {
  s: TimeUnit.SECOND,
  ms: TimeUnit.MILLISECOND,
  us: TimeUnit.MICROSECOND,
  ns: TimeUnit.NANOSECOND,
} as const;

/**
 * The Arrow schema of a schema: `Int64` for int64, `Timestamp<MICROSECOND, UTC>` for timestamp,
 * `Dictionary<Int32, Utf8>` for dictionary, `Utf8` of the extension type `arrow.json` for json, and
 * so on; nullability as given. Dictionaries are numbered from 0, in the order of the columns, so
 * that two schemas of one are equal.
 */
export function toArrowSchema<T extends TypeMap = TypeMap>(schema: Schema): ArrowSchema<T> {
  const ids = { next: 0 };
  const fields = schema.fields.map((field) => toArrowField(field, ids));
  return new ArrowSchema<T>(fields as ArrowField<T[keyof T]>[]);
}

/** What numbers the dictionaries of one schema. */
interface Ids {
  next: number;
}

function toArrowField({ name, type, nullable }: Field, ids: Ids): ArrowField {
  const metadata = type.kind === 'json' ? new Map([[EXTENSION_KEY, JSON_EXTENSION]]) : undefined;
  return new ArrowField(name, toArrowType(type, ids), nullable, metadata);
}

const PLAIN: Readonly<Record<PlainType, (ids: Ids) => ArrowDataType>> = {
  bool: () => new Bool(),
  int8: () => new Int8(),
  int16: () => new Int16(),
  int32: () => new Int32(),
  int64: () => new Int64(),
  uint8: () => new Uint8(),
  uint16: () => new Uint16(),
  uint32: () => new Uint32(),
  uint64: () => new Uint64(),
  float32: () => new Float32(),
  float64: () => new Float64(),
  utf8: () => new Utf8(),
  binary: () => new Binary(),
  date: () => new DateDay(),
  time: () => new TimeMicrosecond(),
  duration: () => new DurationMicrosecond(),
  dictionary: (ids) => new Dictionary(new Utf8(), new Int32(), ids.next++),
  json: () => new Utf8(),
  null: () => new Null(),
};

function toArrowType(type: DataType, ids: Ids): ArrowDataType {
  switch (type.kind) {
    case 'decimal':
      return new Decimal(type.scale, type.precision, DECIMAL_BITS);
    case 'timestamp':
      return new Timestamp(ARROW_UNITS[type.unit], type.zone);
    case 'struct':
      return new Struct(type.fields.map((field) => toArrowField(field, ids)));
    case 'list':
      return new List(toArrowField(type.item, ids));
    case 'map': {
      const key = new ArrowField('key', new Utf8(), false);
      const value = toArrowField({ ...type.value, name: 'value' }, ids);
      const entries = new Struct<{ key: Utf8; value: ArrowDataType }>([key, value]);
      return new Map_(new ArrowField('entries', entries, false));
    }
    default:
      return PLAIN[type.kind](ids);
  }
}
