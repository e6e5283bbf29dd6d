/** Which types of a batch can be taken as which types of a schema. */
import type { DataType, Field } from './schema.ts';

const INTEGER = /^(u?)int(8|16|32|64)$/;

/**
 * Whether a column of type `from` can be imported as one of type `to`: where they are the same, or
 * every value of the one is a value of the other (narrower integers and floats, a dictionary or
 * json as utf8), or is checked when it comes (utf8 as json, timestamps of another unit or zone).
 * Nullability is not compared: a batch of a stream may say less than its schema, and its values
 * are counted.
 */
export function isImportable(from: DataType, to: DataType): boolean {
  if (from.kind === 'struct' && to.kind === 'struct') {
    return from.fields.length === to.fields.length && from.fields.every(isMemberOf(to.fields));
  }
  if (from.kind === 'list' && to.kind === 'list') {
    return isImportable(from.item.type, to.item.type);
  }
  if (from.kind === 'map' && to.kind === 'map') {
    return isImportable(from.value.type, to.value.type);
  }
  if (from.kind === 'decimal' && to.kind === 'decimal') {
    return from.precision === to.precision && from.scale === to.scale;
  }
  return from.kind === to.kind || isWider(from.kind, to.kind);
}

function isMemberOf(fields: readonly Field[]) {
  return ({ name, type }: Field, i: number) =>
    name === fields[i]!.name && isImportable(type, fields[i]!.type);
}

function isWider(from: DataType['kind'], to: DataType['kind']): boolean {
  if (from === 'float32') return to === 'float64';
  if (from === 'dictionary' || from === 'json') return to === 'utf8';
  if (from === 'utf8') return to === 'json';
  const [, unsigned, bits] = INTEGER.exec(from) ?? [];
  const [, wantUnsigned, wantBits] = INTEGER.exec(to) ?? [];
  if (bits === undefined || wantBits === undefined) return false;
  if (unsigned === wantUnsigned) return Number(wantBits) > Number(bits);
  return unsigned === 'u' && Number(wantBits) > Number(bits);
}
