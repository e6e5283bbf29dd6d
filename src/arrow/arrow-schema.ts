/** Schemas to and from apache-arrow's, type by type. */
import {
  type DataType as ArrowDataType,
  Field as ArrowField,
  Schema as ArrowSchema,
  Binary,
  Bool,
  DateUnit,
  Float64,
  Int32,
  Int64,
  List,
  Precision,
  Struct,
  TimestampMicrosecond,
  TimeUnit,
  Type,
  type TypeMap,
  Utf8,
} from 'apache-arrow';
import { MillraceError } from '../errors.ts';
import type { DataType, Field, ScalarType, Schema } from './schema.ts';

/** The time zone of every timestamp that Millrace makes. */
const UTC = 'UTC';

/**
 * The Arrow schema of a schema: `Int64` for int64, `Timestamp<microsecond, UTC>` for timestamp, and
 * so on; nullability as given.
 */
export function toArrowSchema<T extends TypeMap = TypeMap>(schema: Schema): ArrowSchema<T> {
  return new ArrowSchema<T>(schema.fields.map(toArrowField) as ArrowField<T[keyof T]>[]);
}

function toArrowField({ name, type, nullable }: Field): ArrowField {
  return new ArrowField(name, toArrowType(type), nullable);
}

/** The Arrow type of a type; see {@link toArrowSchema}. */
export function toArrowType(type: DataType): ArrowDataType {
  switch (type.kind) {
    case 'bool':
      return new Bool();
    case 'int32':
      return new Int32();
    case 'int64':
      return new Int64();
    case 'float64':
      return new Float64();
    case 'utf8':
      return new Utf8();
    case 'binary':
      return new Binary();
    case 'timestamp':
      return new TimestampMicrosecond(UTC);
    case 'struct':
      return new Struct(type.fields.map(toArrowField));
    case 'list':
      return new List(toArrowField(type.item));
  }
}

/** How Arrow types that Millrace does not have are met. */
export interface FromArrowOptions {
  /**
   * Takes types that fit into one of ours without loss: small integers as int32, uint32 as int64,
   * float32 as float64, dictionary-encoded and large strings as utf8, timestamps and dates of other
   * units as timestamp. For batches to import, whose values can be converted; default false.
   */
  readonly widen?: boolean;
}

/**
 * The schema of an Arrow schema. A timestamp is the same instant in every time zone, so its zone is
 * dropped; one without a zone is taken as UTC.
 *
 * @throws MillraceError `INVALID_SCHEMA` for a type that Millrace does not have, with its path.
 */
export function fromArrowSchema(schema: ArrowSchema, options: FromArrowOptions = {}): Schema {
  const names = new Set<string>();
  for (const { name } of schema.fields) {
    if (!names.has(name)) names.add(name);
    else throw invalid(name, 'there twice', 'give every column a name of its own');
  }
  const widen = options.widen ?? false;
  const fields = schema.fields.map((field) => fromArrowField(field, field.name, widen));
  return Object.freeze({ fields: Object.freeze(fields) });
}

function fromArrowField(field: ArrowField, path: string, widen: boolean): Field {
  const type = fromArrowType(field.type, path, widen);
  return Object.freeze({ name: field.name, type, nullable: field.nullable });
}

function fromArrowType(type: ArrowDataType, path: string, widen: boolean): DataType {
  if (type.typeId === Type.Struct) {
    const fields = (type as Struct).children.map((field) =>
      fromArrowField(field, `${path}.${field.name}`, widen),
    );
    return Object.freeze({ kind: 'struct', fields: Object.freeze(fields) });
  }
  if (type.typeId === Type.List) {
    const item = fromArrowField((type as List).children[0]!, `${path}[]`, widen);
    return Object.freeze({ kind: 'list', item });
  }
  const kind = exactScalar(type) ?? (widen ? widerScalar(type) : undefined);
  if (kind !== undefined) return Object.freeze({ kind });
  const works = widen ? `${EXACT_TYPES}, ${WIDENED_TYPES}` : EXACT_TYPES;
  throw invalid(path, `${type}`, `Arrow types that work: ${works}`);
}

const EXACT_TYPES =
  'Bool, Int32, Int64, Float64, Utf8, Binary, Timestamp<MICROSECOND>, Struct, List';
const WIDENED_TYPES =
  'Int8, Int16, Uint8, Uint16, Uint32, Float32, LargeUtf8, LargeBinary, Dictionary of Utf8, ' +
  'Timestamp and Date<MILLISECOND> of any unit';

function exactScalar(type: ArrowDataType): ScalarType | undefined {
  switch (type.typeId) {
    case Type.Bool:
      return 'bool';
    case Type.Utf8:
      return 'utf8';
    case Type.Binary:
      return 'binary';
    case Type.Float:
      return (type as Float64).precision === Precision.DOUBLE ? 'float64' : undefined;
    case Type.Timestamp:
      return (type as TimestampMicrosecond).unit === TimeUnit.MICROSECOND ? 'timestamp' : undefined;
    case Type.Int:
      return exactInteger(type as Int32 | Int64);
    default:
      return undefined;
  }
}

function exactInteger({ bitWidth, isSigned }: Int32 | Int64): ScalarType | undefined {
  if (!isSigned) return undefined;
  if (bitWidth === 64) return 'int64';
  return bitWidth === 32 ? 'int32' : undefined;
}

function widerScalar(type: ArrowDataType): ScalarType | undefined {
  switch (type.typeId) {
    case Type.Int: {
      const { bitWidth, isSigned } = type as {
        bitWidth: number;
        isSigned: boolean;
      } & ArrowDataType;
      if (bitWidth < 32) return 'int32';
      return bitWidth === 32 && !isSigned ? 'int64' : undefined;
    }
    case Type.Float:
      return (type as Float64).precision === Precision.SINGLE ? 'float64' : undefined;
    case Type.LargeUtf8:
      return 'utf8';
    case Type.LargeBinary:
      return 'binary';
    case Type.Timestamp:
      return 'timestamp';
    case Type.Date:
      return (type as { unit: DateUnit } & ArrowDataType).unit === DateUnit.MILLISECOND
        ? 'timestamp'
        : undefined;
    case Type.Dictionary:
      return (type as { dictionary: ArrowDataType } & ArrowDataType).dictionary.typeId === Type.Utf8
        ? 'utf8'
        : undefined;
    default:
      return undefined;
  }
}

function invalid(path: string, found: string, wayOut: string): MillraceError {
  return new MillraceError(`schema column '${path}' is ${found}; ${wayOut}`, {
    code: 'INVALID_SCHEMA',
    context: { path, found },
  });
}
