/**
 * Schemas as plain data: what a plan carries across threads, what codecs and kernels are compiled
 * from. Literals and Arrow schemas are turned into it, and it into Arrow schemas.
 */

/** A scalar type: `timestamp` is microseconds since the epoch, UTC. */
export type ScalarType = 'bool' | 'int32' | 'int64' | 'float64' | 'utf8' | 'binary' | 'timestamp';

/** Any column type. */
export type DataType =
  | { readonly kind: ScalarType }
  | { readonly kind: 'struct'; readonly fields: readonly Field[] }
  | { readonly kind: 'list'; readonly item: Field };

/** A named, typed column or struct member. */
export interface Field {
  readonly name: string;
  readonly type: DataType;
  readonly nullable: boolean;
}

/** The columns of a stream, in order; names are unique. */
export interface Schema {
  readonly fields: readonly Field[];
}
