/**
 * Schemas as the JSON of Arrow's integration tests: the form in which implementations of Arrow show
 * schemas to each other (Arrow's Integration.rst, "JSON test data format").
 */
import type { DataType, Field, PlainType, Schema, TimeUnit } from './schema.ts';

/** A field of {@link ArrowJsonSchema}. */
export interface ArrowJsonField {
  readonly name: string;
  readonly nullable: boolean;
  readonly type: ArrowJsonType;
  readonly children: readonly ArrowJsonField[];
  /** Of a dictionary: how its indices are stored; `type` is then that of its values. */
  readonly dictionary?: {
    readonly id: number;
    readonly indexType: ArrowJsonType;
    readonly isOrdered: boolean;
  };
  readonly metadata?: readonly { readonly key: string; readonly value: string }[];
}

/** A type: its name, and the parameters that a type of this name has. */
export interface ArrowJsonType {
  readonly name: string;
  readonly [parameter: string]: string | number | boolean;
}

/** A schema, as plain data for `JSON.stringify`. */
export interface ArrowJsonSchema {
  readonly schema: { readonly fields: readonly ArrowJsonField[] };
}

/** Arrow's names of the units of time. */
export const ARROW_JSON_UNITS: Readonly<Record<TimeUnit, string>> = {
  s: 'SECOND',
  ms: 'MILLISECOND',
  us: 'MICROSECOND',
  ns: 'NANOSECOND',
};

const int = (bitWidth: number, isSigned: boolean) => ({ name: 'int', bitWidth, isSigned });

/** Types without parameters of their own. */
export const ARROW_JSON_PLAIN: Readonly<Record<PlainType, ArrowJsonType>> = {
  bool: { name: 'bool' },
  int8: int(8, true),
  int16: int(16, true),
  int32: int(32, true),
  int64: int(64, true),
  uint8: int(8, false),
  uint16: int(16, false),
  uint32: int(32, false),
  uint64: int(64, false),
  float32: { name: 'floatingpoint', precision: 'SINGLE' },
  float64: { name: 'floatingpoint', precision: 'DOUBLE' },
  utf8: { name: 'utf8' },
  dictionary: { name: 'utf8' },
  binary: { name: 'binary' },
  json: { name: 'utf8' },
  date: { name: 'date', unit: 'DAY' },
  time: { name: 'time', unit: 'MICROSECOND', bitWidth: 64 },
  duration: { name: 'duration', unit: 'MICROSECOND' },
  null: { name: 'null' },
};

/** What marks a utf8 field as JSON text: Arrow's canonical extension type. */
export const JSON_METADATA = [{ key: 'ARROW:extension:name', value: 'arrow.json' }] as const;

/** The schema in Arrow's JSON. Dictionaries are numbered from 0. */
export function schemaToArrowJson({ fields }: Schema): ArrowJsonSchema {
  const ids = { next: 0 };
  return { schema: { fields: fields.map((field) => fieldToJson(field, ids)) } };
}

function fieldToJson({ name, type, nullable }: Field, ids: { next: number }): ArrowJsonField {
  const json = {
    name,
    nullable,
    type: typeToJson(type),
    children: childrenOf(type).map((child) => fieldToJson(child, ids)),
  };
  if (type.kind === 'json') return { ...json, metadata: JSON_METADATA };
  if (type.kind !== 'dictionary') return json;
  return { ...json, dictionary: { id: ids.next++, indexType: int(32, true), isOrdered: false } };
}

// The entries of a map are a struct of key and value.
function childrenOf(type: DataType): readonly Field[] {
  if (type.kind === 'struct') return type.fields;
  if (type.kind === 'list') return [type.item];
  if (type.kind !== 'map') return [];
  const key: Field = { name: 'key', type: { kind: 'utf8' }, nullable: false };
  const entries: DataType = { kind: 'struct', fields: [key, type.value] };
  return [{ name: 'entries', type: entries, nullable: false }];
}

function typeToJson(type: DataType): ArrowJsonType {
  switch (type.kind) {
    case 'struct':
    case 'list':
      return { name: type.kind };
    case 'map':
      return { name: 'map', keysSorted: false };
    case 'decimal':
      return { name: 'decimal', precision: type.precision, scale: type.scale, bitWidth: 128 };
    case 'timestamp': {
      const unit = ARROW_JSON_UNITS[type.unit];
      return { name: 'timestamp', unit, ...(type.zone === null ? {} : { timezone: type.zone }) };
    }
    default:
      return ARROW_JSON_PLAIN[type.kind];
  }
}
