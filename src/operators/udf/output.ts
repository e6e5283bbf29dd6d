/** Where a user function's results go, and the column that they become. */
import type { DataType, ScalarDataType } from '../../arrow/schema.ts';
import { typeParam } from '../../arrow/type-param.ts';
import { COLUMN_BYTES, writeColumn } from '../../wasm/column.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import { filledBitmap, zerosIn } from './bits.ts';
import { elementsOf, type FixedArray, fixedArrayOf } from './fixed-arrays.ts';
import type { UdfFixedOutput, UdfOutput } from './function-types.ts';
import type { UdfType } from './node.ts';
import { plainColumn, writeDecimal } from './plain-column.ts';
import { BadValue, refusalOf, type ValueCheck, valueCheckOf } from './value-check.ts';

/** An output that can be made a column. */
export interface ColumnOutput extends UdfOutput {
  /** Takes what a function returned in the place of writing. */
  take(values: Iterable<unknown>): void;
  /**
   * The column of all rows.
   *
   * @throws ArenaFull; BadValue.
   */
  finish(): number;
}

/**
 * The output of one call. Nothing can be set in it when it is finished.
 *
 * @param copied whether `values` lies elsewhere, and is copied in the end; default false: it is a
 *   view on the column.
 * @throws ArenaFull
 */
export function openOutput(
  wasm: WasmInstance,
  type: UdfType,
  length: number,
  copied = false,
): ColumnOutput {
  if (fixedArrayOf(type.type) === undefined) return new PlainOutput(wasm, type, length);
  return new FixedOutput(wasm, type, length, copied);
}

/** Values of fixed width, written where the column will have them. */
class FixedOutput implements ColumnOutput, UdfFixedOutput {
  readonly length: number;
  readonly values: FixedArray;
  readonly #wasm: WasmInstance;
  readonly #type: UdfType;
  readonly #fits: ValueCheck;
  readonly #isDecimal: boolean;
  readonly #data: number;
  readonly #copied: boolean;
  #validity = 0;
  #finished = false;

  constructor(wasm: WasmInstance, type: UdfType, length: number, copied: boolean) {
    const Values = fixedArrayOf(type.type)!;
    const elements = length * elementsOf(type.type);
    const width = (Values as unknown as typeof Uint8Array).BYTES_PER_ELEMENT;
    this.length = length;
    this.#wasm = wasm;
    this.#type = type;
    this.#fits = valueCheckOf(type.type as ScalarDataType);
    this.#isDecimal = type.type.kind === 'decimal';
    this.#data = wasm.arenaAlloc(elements * width);
    wasm.u8.fill(0, this.#data, this.#data + elements * width);
    this.#copied = copied;
    this.values = copied
      ? new Values(new ArrayBuffer(elements * width), 0, elements)
      : new Values(wasm.memory.buffer, this.#data, elements);
  }

  set(row: number, value: unknown): void {
    if (value === null) {
      this.setNull(row);
      return;
    }
    if (!this.#fits(value)) throw new BadValue(row, `gave ${refusalOf(this.#type.type, value)}`);
    this.#check(row);
    if (this.#isDecimal) writeDecimal(this.values as BigUint64Array, row, value);
    else this.values[row] = value as never;
    if (this.#validity !== 0) {
      this.#wasm.u8[this.#validity + (row >>> 3)]! |= 1 << (row & 7);
    }
  }

  setNull(row: number): void {
    if (!this.#type.nullable) throw notNullable(row);
    this.#check(row);
    if (this.#validity === 0) this.#validity = filledBitmap(this.#wasm, this.length, true);
    this.#wasm.u8[this.#validity + (row >>> 3)]! &= ~(1 << (row & 7));
  }

  // A row below 0 would be a bit of someone else's.
  #check(row: number): void {
    if (this.#finished) throw finished(row);
    if (row >>> 0 !== row || row >= this.length) throw noSuchRow(row, this.length);
  }

  take(values: Iterable<unknown>): void {
    if (values instanceof this.values.constructor) {
      const array = values as FixedArray;
      checkCount(array.length, this.values.length, this.#isDecimal ? 'words' : 'values');
      this.values.set(array as never);
      return;
    }
    let row = 0;
    for (const value of values) {
      if (row < this.length) this.set(row, value);
      row += 1;
      if (row > this.length) break;
    }
    checkCount(row, this.length, 'values');
  }

  finish(): number {
    const at = this.#wasm.arenaAlloc(COLUMN_BYTES);
    this.#finished = true;
    const { buffer, byteLength } = this.values;
    if (this.#copied) this.#wasm.u8.set(new Uint8Array(buffer, 0, byteLength), this.#data);
    const validity = this.#validity;
    const nullCount = validity === 0 ? 0 : zerosIn(this.#wasm, validity, this.length);
    const { type } = this.#type;
    writeColumn(this.#wasm, at, {
      type: type.kind,
      param: typeParam(type),
      constant: false,
      length: this.length,
      nullCount,
      validity: nullCount === 0 ? 0 : validity,
      data: this.#data,
      offsets: 0,
      dataLength: byteLength,
      children: [],
    });
    return at;
  }
}

/** Values that are gathered as they are, and become a column in the end. */
class PlainOutput implements ColumnOutput {
  readonly length: number;
  readonly #wasm: WasmInstance;
  readonly #type: UdfType;
  readonly #values: unknown[];
  // Nested values are checked where they are written.
  readonly #fits: ValueCheck | undefined;

  constructor(wasm: WasmInstance, type: UdfType, length: number) {
    this.length = length;
    this.#wasm = wasm;
    this.#type = type;
    this.#fits = isNested(type.type) ? undefined : valueCheckOf(type.type);
    // A row that nothing is written to is null, or refused where there is no null.
    this.#values = new Array(length).fill(type.nullable ? null : undefined);
  }

  set(row: number, value: unknown): void {
    if (value === null) {
      this.setNull(row);
      return;
    }
    if (this.#fits?.(value) === false) {
      throw new BadValue(row, `gave ${refusalOf(this.#type.type, value)}`);
    }
    this.#check(row);
    this.#values[row] = value;
  }

  setNull(row: number): void {
    if (!this.#type.nullable) throw notNullable(row);
    this.#check(row);
    this.#values[row] = null;
  }

  #check(row: number): void {
    if (row >>> 0 !== row || row >= this.length) throw noSuchRow(row, this.length);
  }

  take(values: Iterable<unknown>): void {
    let row = 0;
    for (const value of values) {
      if (row < this.length) this.set(row, value);
      row += 1;
      if (row > this.length) break;
    }
    checkCount(row, this.length, 'values');
  }

  finish(): number {
    return plainColumn(this.#wasm, this.#type, this.#values, this.#fits !== undefined);
  }
}

type NestedType = Exclude<DataType, ScalarDataType>;

function isNested(type: DataType): type is NestedType {
  return type.kind === 'struct' || type.kind === 'list' || type.kind === 'map';
}

function checkCount(given: number, expected: number, what: string): void {
  if (given === expected) return;
  const found = given > expected ? `more than ${expected}` : `only ${given}`;
  throw new BadValue(
    undefined,
    `returned ${found} ${what} for ${expected}; return one for each row`,
  );
}

function notNullable(row: number): BadValue {
  return new BadValue(row, 'gave null, which its declaration does not allow; add ? to returns');
}

function finished(row: number): BadValue {
  return new BadValue(
    undefined,
    `wrote to row ${row} of an earlier call; its output ended with it`,
  );
}

function noSuchRow(row: number, length: number): BadValue {
  return new BadValue(undefined, `wrote to row ${row}, but the call has rows 0 to ${length - 1}`);
}
