/** The functions that suite `udf` compares with expressions. */
import type { RowFunction, VectorFunction } from '../src/operators/udf/function-types.ts';

/** `a * 0.92 + b`, over vectors. */
export const weighVector: VectorFunction<['float64', 'float64'], 'float64'> = (
  [a, b],
  rows,
  out,
) => {
  const [x, y, z] = [a.values, b.values, out.values];
  for (let row = 0; row < rows; row++) z[row] = x[row]! * 0.92 + y[row]!;
};

/** The same, row by row. */
export const weighRow: RowFunction<['float64', 'float64'], 'float64'> = (a, b) => a * 0.92 + b;

const D = 'D'.charCodeAt(0);
const E = 'E'.charCodeAt(0);

/** Whether a country is DE, by its bytes. */
export const isGermanVector: VectorFunction<['utf8'], 'float64'> = ([country], rows, out) => {
  const { data, offsets } = country;
  for (let row = 0; row < rows; row++) {
    const at = offsets[row]!;
    const isTwo = offsets[row + 1]! - at === 2;
    out.values[row] = isTwo && data[at] === D && data[at + 1] === E ? 1 : 0;
  }
};

/** The same, row by row. */
export const isGermanRow: RowFunction<['utf8'], 'float64'> = (country) =>
  country === 'DE' ? 1 : 0;

/** Texts from texts, row by row. */
export const shoutRow: RowFunction<['utf8'], 'utf8'> = (country) => `${country}!`;
