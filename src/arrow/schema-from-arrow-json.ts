/** Schemas from the JSON of Arrow's integration tests; see `schema-to-arrow-json.ts`. */
import type { Schema as ArrowSchema } from 'apache-arrow';
import { MillraceError } from '../errors.ts';
import { shownValue } from '../shown-value.ts';
import { toArrowSchema } from './arrow-schema.ts';
import { MAX_PRECISION } from './scalar-text.ts';
import {
  type DataType,
  type Field,
  MAX_SCHEMA_DEPTH,
  type PlainType,
  type TimeUnit,
} from './schema.ts';
import {
  ARROW_JSON_PLAIN,
  ARROW_JSON_UNITS,
  type ArrowJsonSchema,
  JSON_METADATA,
} from './schema-to-arrow-json.ts';

type Members = Readonly<Record<string, unknown>>;

/**
 * The Arrow schema that a pinned schema is, to be given as `schema` to a source.
 *
 * @param json what `toArrowJson` of an inferred schema gave, or its text; other implementations of
 *   Arrow write the same.
 * @throws MillraceError `INVALID_SCHEMA` with the path of the column that cannot be read.
 *
 * @example
 * ```ts
 * const schema = schemaFromArrowJson(readFileSync('orders.json', 'utf8'));
 * const orders = Stream.fromKafka({ topic: 'orders', schema });
 * ```
 */
export function schemaFromArrowJson(json: ArrowJsonSchema | string): ArrowSchema {
  const parsed = typeof json === 'string' ? parse(json) : json;
  const outer = membersOf(parsed, '');
  const { fields } = membersOf(outer.schema ?? outer, '');
  if (!Array.isArray(fields) || fields.length === 0) {
    throw invalid('', fields, 'give { "schema": { "fields": [ … ] } } with at least one field');
  }
  return toArrowSchema({ fields: readFields(fields, '', 1) });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MillraceError(`the schema is not JSON: ${reason}`, {
      code: 'INVALID_SCHEMA',
      cause: error,
    });
  }
}

function readFields(fields: readonly unknown[], path: string, depth: number): Field[] {
  const names = new Set<unknown>();
  return fields.map((field) => {
    const members = membersOf(field, path);
    const { name } = members;
    if (typeof name !== 'string' || name === '') throw invalid(path, name, 'name every field');
    const at = path === '' ? name : `${path}.${name}`;
    if (names.has(name)) throw invalid(at, name, 'give every field a name of its own');
    names.add(name);
    return readField(name, members, at, depth);
  });
}

function readField(name: string, members: Members, path: string, depth: number): Field {
  if (depth > MAX_SCHEMA_DEPTH) throw invalid(path, name, `nest at most ${MAX_SCHEMA_DEPTH} deep`);
  const { nullable = true } = members;
  if (typeof nullable !== 'boolean') throw invalid(path, nullable, 'nullable is true or false');
  return { name, type: readType(members, path, depth), nullable };
}

function readType(members: Members, path: string, depth: number): DataType {
  const type = membersOf(members.type, path);
  const children = Array.isArray(members.children) ? (members.children as unknown[]) : [];
  if (members.dictionary !== undefined) return dictionaryOf(members, type, path);
  switch (type.name) {
    case 'struct':
      return { kind: 'struct', fields: readFields(children, path, depth + 1) };
    case 'list': {
      const item = readField('item', membersOf(children[0], path), `${path}[]`, depth + 1);
      return { kind: 'list', item };
    }
    case 'map':
      return { kind: 'map', value: readMapValue(children, path, depth) };
    case 'decimal':
      return decimalOf(type, path);
    case 'timestamp':
      return timestampOf(type, path);
    default:
      return { kind: isJson(members) ? 'json' : plainOf(type, path) };
  }
}

function readMapValue(children: readonly unknown[], path: string, depth: number): Field {
  const entries = membersOf(children[0], path);
  const [key, value] = Array.isArray(entries.children) ? (entries.children as unknown[]) : [];
  const keyType = membersOf(membersOf(key, path).type, path);
  if (keyType.name !== 'utf8') throw invalid(path, keyType, 'the keys of a map are utf8');
  return readField('value', membersOf(value, path), `${path}{}`, depth + 1);
}

function dictionaryOf({ dictionary }: Members, type: Members, path: string): DataType {
  const { indexType } = membersOf(dictionary, path);
  const { bitWidth, isSigned } = membersOf(indexType, path);
  if (type.name === 'utf8' && bitWidth === 32 && isSigned === true) return { kind: 'dictionary' };
  throw invalid(path, { type, indexType }, 'dictionaries are of utf8, with indices of int32');
}

function decimalOf({ precision, scale, bitWidth = 128 }: Members, path: string): DataType {
  const whole = Number.isInteger(precision) && Number.isInteger(scale) && bitWidth === 128;
  const [digits, behind] = [precision as number, scale as number];
  if (whole && digits >= 1 && digits <= MAX_PRECISION && behind >= 0 && behind <= digits) {
    return { kind: 'decimal', precision: digits, scale: behind };
  }
  const wayOut = `decimals have 128 bits, 1 to ${MAX_PRECISION} digits, and a scale within them`;
  throw invalid(path, { precision, scale, bitWidth }, wayOut);
}

function timestampOf({ unit, timezone }: Members, path: string): DataType {
  const found = (Object.keys(ARROW_JSON_UNITS) as TimeUnit[]).find(
    (name) => ARROW_JSON_UNITS[name] === unit,
  );
  const zone = timezone === undefined || timezone === '' ? null : timezone;
  if (found !== undefined && (zone === null || typeof zone === 'string')) {
    return { kind: 'timestamp', unit: found, zone };
  }
  const units = Object.values(ARROW_JSON_UNITS).join(', ');
  throw invalid(path, { unit, timezone }, `the unit of a timestamp is one of ${units}`);
}

function isJson({ metadata }: Members): boolean {
  if (!Array.isArray(metadata)) return false;
  const [{ key, value }] = JSON_METADATA;
  return metadata.some((entry) => entry?.key === key && entry?.value === value);
}

const PLAIN = (Object.keys(ARROW_JSON_PLAIN) as PlainType[]).filter(
  (kind) => kind !== 'dictionary' && kind !== 'json',
);

function plainOf(type: Members, path: string): PlainType {
  const same = (kind: PlainType) =>
    Object.entries(ARROW_JSON_PLAIN[kind]).every(([name, value]) => type[name] === value);
  const found = PLAIN.find(same);
  if (found !== undefined) return found;
  throw invalid(path, type, 'Millrace does not have this type of Arrow');
}

function membersOf(value: unknown, path: string): Members {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members;
  throw invalid(path, value, 'write an object here, as Arrow does');
}

function invalid(path: string, value: unknown, wayOut: string): MillraceError {
  const found = shownValue(value);
  const where = path === '' ? 'the schema' : `schema column '${path}'`;
  return new MillraceError(`${where} is ${found} in Arrow's JSON; ${wayOut}`, {
    code: 'INVALID_SCHEMA',
    context: { path, found },
  });
}
