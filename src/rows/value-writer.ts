/** Values of messages as JSON text, as a schema wants each field. */
import type { DataType, Field, Schema } from '../arrow/schema.ts';
import { scalarWriter } from './scalar-writer.ts';
import { unfit } from './unfit-value.ts';

/** The JSON text of a value. */
export type ValueWriter = (value: unknown) => string;

/**
 * What writes values of a schema: decoded by that schema they are what was given. A field that is
 * null or missing is written as null.
 *
 * @throws MillraceError `INVALID_OPTION`, when it is called, with the path of the field, for a
 *   value that its type does not have, or a field that the schema does not.
 */
export function valueWriter({ fields }: Schema): ValueWriter {
  return structWriter(fields, '');
}

function structWriter(fields: readonly Field[], path: string): ValueWriter {
  const names = new Set(fields.map(({ name }) => name));
  const members = fields.map((field) => ({
    name: field.name,
    key: `${JSON.stringify(field.name)}:`,
    write: fieldWriter(field, path === '' ? field.name : `${path}.${field.name}`),
  }));
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw unfit(path, value, `an object with ${[...names].join(', ')}`);
    }
    const object = value as Readonly<Record<string, unknown>>;
    for (const name in object) if (!names.has(name)) throw unknownField(path, name, names);
    let text = '{';
    for (let i = 0; i < members.length; i++) {
      const { name, key, write } = members[i]!;
      if (i > 0) text += ',';
      text += key;
      text += write(Object.hasOwn(object, name) ? object[name] : undefined);
    }
    return `${text}}`;
  };
}

function fieldWriter({ type, nullable }: Field, path: string): ValueWriter {
  const write = typeWriter(type, path);
  return (value) => {
    if (value !== null && value !== undefined) return write(value);
    if (nullable) return 'null';
    throw unfit(path, value, 'a value: its type is not nullable');
  };
}

function typeWriter(type: DataType, path: string): ValueWriter {
  switch (type.kind) {
    case 'struct':
      return structWriter(type.fields, path);
    case 'list':
      return listWriter(fieldWriter(type.item, `${path}[]`), path);
    case 'map':
      return mapWriter(fieldWriter(type.value, `${path}{}`), path);
    default:
      return scalarWriter(type, path);
  }
}

function listWriter(write: ValueWriter, path: string): ValueWriter {
  return (value) => {
    const isList = typeof value === 'object' && value !== null && Symbol.iterator in value;
    if (!isList || value instanceof Map) throw unfit(path, value, 'a list');
    return `[${Array.from(value as Iterable<unknown>, (item) => write(item)).join(',')}]`;
  };
}

function mapWriter(write: ValueWriter, path: string): ValueWriter {
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw unfit(path, value, 'an object or a Map from texts to values');
    }
    const entries = value instanceof Map ? value : Object.entries(value);
    const texts = Array.from(entries as Iterable<[unknown, unknown]>, ([key, member]) => {
      if (typeof key !== 'string') throw unfit(path, key, 'keys that are texts');
      return `${JSON.stringify(key)}:${write(member)}`;
    });
    return `{${texts.join(',')}}`;
  };
}

function unknownField(path: string, name: string, names: ReadonlySet<string>) {
  const at = path === '' ? name : `${path}.${name}`;
  return unfit(at, 'there', `no such field: the schema has ${[...names].join(', ')}`);
}
