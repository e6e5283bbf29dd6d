/** Schemas from apache-arrow's, type by type. */
import {
  type DataType as ArrowDataType,
  type Field as ArrowField,
  type Schema as ArrowSchema,
  DateUnit,
  type Decimal,
  type Dictionary,
  type Float,
  type Int,
  type LargeList,
  type List,
  type Map_,
  Precision,
  type Struct,
  type Timestamp,
  TimeUnit,
  Type,
} from 'apache-arrow';
import { MillraceError } from '../errors.ts';
import { ARROW_UNITS, EXTENSION_KEY, JSON_EXTENSION } from './arrow-schema.ts';
import {
  type DataType,
  type Field,
  MAX_SCHEMA_DEPTH,
  type PlainType,
  type Schema,
  type TimeUnit as Unit,
} from './schema.ts';

/** How Arrow types that Millrace does not have are met. */
export interface FromArrowOptions {
  /**
   * Takes types that fit into one of ours without loss: texts, binaries and lists that are large,
   * views or of fixed size as utf8, binary and lists, half floats as float32, dictionaries of any
   * index, dates in milliseconds as `timestamp(ms,local)`, times and durations of other units as
   * time and duration. For batches to import, whose values can be converted; default false.
   */
  readonly widen?: boolean;
}

/**
 * The schema of an Arrow schema.
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
  const fields = schema.fields.map((field) =>
    fromArrowField(field, { path: field.name, depth: 1, widen }),
  );
  return Object.freeze({ fields: Object.freeze(fields) });
}

/** Where a type stands. */
interface Place {
  readonly path: string;
  /** Columns are 1. */
  readonly depth: number;
  readonly widen: boolean;
}

function within({ path, depth, widen }: Place, member: string): Place {
  return { path: `${path}${member}`, depth: depth + 1, widen };
}

function fromArrowField(field: ArrowField, place: Place): Field {
  const { path, depth, widen } = place;
  if (depth > MAX_SCHEMA_DEPTH) {
    throw invalid(path, 'too deep', `nest at most ${MAX_SCHEMA_DEPTH} structs, lists and maps`);
  }
  const isJson = field.metadata.get(EXTENSION_KEY) === JSON_EXTENSION;
  const type: DataType =
    isJson && isText(field.type, widen)
      ? Object.freeze({ kind: 'json' })
      : fromArrowType(field.type, place);
  // Builders make fields of nulls that say they have none.
  const nullable = field.nullable || type.kind === 'null';
  return Object.freeze({ name: field.name, type, nullable });
}

function isText({ typeId }: ArrowDataType, widen: boolean): boolean {
  return typeId === Type.Utf8 || (widen && WIDE_TEXTS.includes(typeId));
}

const WIDE_TEXTS: readonly Type[] = [Type.LargeUtf8, Type.Utf8View];

function fromArrowType(type: ArrowDataType, place: Place): DataType {
  const { path, widen } = place;
  const found = nested(type, place) ?? exact(type) ?? (widen ? wider(type) : undefined);
  if (found !== undefined) return Object.freeze(found);
  throw invalid(
    path,
    nameOf(type),
    'Arrow types that work: Bool, Int and Uint of 8 to 64 bits, Float32, Float64, Decimal128, ' +
      'Utf8, Binary, Date<DAY>, Time64<MICROSECOND>, Timestamp, Duration<MICROSECOND>, Struct, ' +
      'List, Map of Utf8, Dictionary<Int32, Utf8>, Null' +
      (widen ? '; and large and fixed sizes, views, Float16, other units and indices' : ''),
  );
}

// Arrow prints a decimal's scale as an exponent, and not its width, by which some are refused.
function nameOf(type: ArrowDataType): string {
  if (type.typeId !== Type.Decimal) return `${type}`;
  const { bitWidth, precision, scale } = type as Decimal;
  return `Decimal${bitWidth}(${precision}, ${scale})`;
}

function nested(type: ArrowDataType, place: Place): DataType | undefined {
  switch (type.typeId) {
    case Type.Struct: {
      const fields = (type as Struct).children.map((field) =>
        fromArrowField(field, within(place, `.${field.name}`)),
      );
      return { kind: 'struct', fields: Object.freeze(fields) };
    }
    case Type.List: {
      const item = fromArrowField((type as List).children[0]!, within(place, '[]'));
      return { kind: 'list', item };
    }
    case Type.Map: {
      const [key, value] = (type as Map_).children[0]!.type.children as [ArrowField, ArrowField];
      if (key.type.typeId !== Type.Utf8) return undefined;
      const field = fromArrowField(value, within(place, '{}'));
      return { kind: 'map', value: Object.freeze({ ...field, name: 'value' }) };
    }
    case Type.LargeList:
    case Type.FixedSizeList: {
      if (!place.widen) return undefined;
      const item = fromArrowField((type as LargeList).children[0]!, within(place, '[]'));
      return { kind: 'list', item };
    }
    default:
      return undefined;
  }
}

const PLAIN: ReadonlyMap<Type, PlainType> = new Map([
  [Type.Bool, 'bool'],
  [Type.Utf8, 'utf8'],
  [Type.Binary, 'binary'],
  [Type.Null, 'null'],
]);

function exact(type: ArrowDataType): DataType | undefined {
  switch (type.typeId) {
    case Type.Int: {
      const { isSigned, bitWidth } = type as Int;
      return { kind: `${isSigned ? 'int' : 'uint'}${bitWidth as 8 | 16 | 32 | 64}` };
    }
    case Type.Float: {
      const { precision } = type as Float;
      if (precision === Precision.HALF) return undefined;
      return { kind: precision === Precision.DOUBLE ? 'float64' : 'float32' };
    }
    case Type.Decimal: {
      const { precision, scale, bitWidth } = type as Decimal;
      if (bitWidth !== 128 || scale < 0 || scale > precision) return undefined;
      return { kind: 'decimal', precision, scale };
    }
    case Type.Date:
      return (type as unknown as { unit: DateUnit }).unit === DateUnit.DAY
        ? { kind: 'date' }
        : undefined;
    case Type.Timestamp: {
      const { unit, timezone } = type as Timestamp;
      return { kind: 'timestamp', unit: unitOf(unit), zone: timezone ?? null };
    }
    case Type.Time:
      return isMicro(type) ? { kind: 'time' } : undefined;
    case Type.Duration:
      return isMicro(type) ? { kind: 'duration' } : undefined;
    case Type.Dictionary: {
      const { dictionary, indices } = type as Dictionary;
      const index = indices as Int;
      const isOurs = dictionary.typeId === Type.Utf8 && index.bitWidth === 32 && index.isSigned;
      return isOurs ? { kind: 'dictionary' } : undefined;
    }
    default: {
      const kind = PLAIN.get(type.typeId);
      return kind && { kind };
    }
  }
}

function isMicro(type: ArrowDataType): boolean {
  return (type as unknown as { unit: TimeUnit }).unit === TimeUnit.MICROSECOND;
}

function unitOf(unit: TimeUnit): Unit {
  return (Object.keys(ARROW_UNITS) as Unit[]).find((name) => ARROW_UNITS[name] === unit)!;
}

function wider(type: ArrowDataType): DataType | undefined {
  switch (type.typeId) {
    case Type.Float:
      return { kind: 'float32' };
    case Type.LargeUtf8:
    case Type.Utf8View:
      return { kind: 'utf8' };
    case Type.LargeBinary:
    case Type.BinaryView:
    case Type.FixedSizeBinary:
      return { kind: 'binary' };
    case Type.Date:
      return { kind: 'timestamp', unit: 'ms', zone: null };
    case Type.Time:
      return { kind: 'time' };
    case Type.Duration:
      return { kind: 'duration' };
    case Type.Dictionary: {
      const { dictionary } = type as Dictionary;
      return isText(dictionary, true) ? { kind: 'dictionary' } : undefined;
    }
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
