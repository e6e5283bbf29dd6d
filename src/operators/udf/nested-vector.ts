/** Structs, lists and maps as user functions see them. */
import type { Field } from '../../arrow/schema.ts';
import { MillraceError } from '../../errors.ts';
import type {
  UdfBytesVector,
  UdfListVector,
  UdfMapVector,
  UdfStructVector,
  UdfVector,
} from './function-types.ts';
import type { VectorHeader } from './vector.ts';

class NestedVector {
  readonly length: number;
  readonly nullCount: number;
  readonly validity: Uint8Array | undefined;

  constructor({ length, nullCount, validity }: VectorHeader) {
    this.length = length;
    this.nullCount = nullCount;
    this.validity = validity;
  }

  isNull(row: number): boolean {
    const { validity } = this;
    return validity !== undefined && (validity[row >>> 3]! & (1 << (row & 7))) === 0;
  }
}

/** A column of structs; the value of a row is a new object. */
export class StructVector extends NestedVector implements UdfStructVector {
  readonly children: readonly UdfVector[];
  readonly #names: readonly string[];

  constructor(header: VectorHeader, fields: readonly Field[], children: readonly UdfVector[]) {
    super(header);
    this.children = children;
    this.#names = fields.map(({ name }) => name);
  }

  field(name: string): UdfVector {
    const child = this.children[this.#names.indexOf(name)];
    if (child !== undefined) return child;
    throw new MillraceError(`the struct has no member '${name}'; ${this.#names.join(', ')}`, {
      code: 'UNKNOWN_COLUMN',
      context: { column: name },
    });
  }

  get(row: number): Record<string, unknown> | null {
    if (this.isNull(row)) return null;
    // Not by assignment, which a member called __proto__ would turn into something else.
    return Object.fromEntries(this.#names.map((name, i) => [name, this.children[i]!.get(row)]));
  }
}

/** A column of lists; the value of a row is a new array. */
export class ListVector extends NestedVector implements UdfListVector {
  readonly offsets: Int32Array;
  readonly items: UdfVector;

  constructor(header: VectorHeader, offsets: Int32Array, items: UdfVector) {
    super(header);
    this.offsets = offsets;
    this.items = items;
  }

  get(row: number): unknown[] | null {
    if (this.isNull(row)) return null;
    const items: unknown[] = [];
    for (let i = this.offsets[row]!; i < this.offsets[row + 1]!; i++) items.push(this.items.get(i));
    return items;
  }
}

/** A column of maps; the value of a row is a new `Map`. */
export class MapVector extends NestedVector implements UdfMapVector {
  readonly offsets: Int32Array;
  readonly keys: UdfBytesVector<string>;
  readonly values: UdfVector;

  constructor(header: VectorHeader, offsets: Int32Array, keys: UdfBytesVector, values: UdfVector) {
    super(header);
    this.offsets = offsets;
    this.keys = keys as UdfBytesVector<string>;
    this.values = values;
  }

  get(row: number): Map<string, unknown> | null {
    if (this.isNull(row)) return null;
    const entries = new Map<string, unknown>();
    for (let i = this.offsets[row]!; i < this.offsets[row + 1]!; i++) {
      entries.set(this.keys.get(i), this.values.get(i));
    }
    return entries;
  }
}
