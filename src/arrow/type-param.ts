/** What a column in linear memory says of its type beside the kind. */
import { PLAIN_TYPES } from './scalar-text.ts';
import type { DataType, ScalarDataType, TimeUnit } from './schema.ts';

/** `TIMESTAMP_*` in `wasm/abi.h`: the low bits of a timestamp's parameter. */
const UNIT_PARAM = { us: 0, s: 1, ms: 2, ns: 3 } as const;
/** `TIMESTAMP_LOCAL` in `wasm/abi.h`. */
const LOCAL_PARAM = 4;

/**
 * `Column::param` in `wasm/abi.h`: of a decimal `precision * 256 + scale`, of a timestamp its unit
 * and whether it has no zone; else 0.
 */
export function typeParam(type: DataType): number {
  if (type.kind === 'decimal') return type.precision * 256 + type.scale;
  if (type.kind !== 'timestamp') return 0;
  return UNIT_PARAM[type.unit] + (type.zone === null ? LOCAL_PARAM : 0);
}

/**
 * The type of a column of kind `kind` with that parameter; undefined for nested ones. A zone that
 * is not in the parameter is UTC.
 */
export function scalarTypeOf(kind: DataType['kind'], param: number): ScalarDataType | undefined {
  if (kind === 'decimal') return { kind, precision: param >> 8, scale: param & 0xff };
  if (kind === 'timestamp') {
    const units: readonly TimeUnit[] = ['us', 's', 'ms', 'ns'];
    const zone = (param & LOCAL_PARAM) === 0 ? 'UTC' : null;
    return { kind, unit: units[param & (LOCAL_PARAM - 1)]!, zone };
  }
  const plain = PLAIN_TYPES.find((type) => type === kind);
  return plain === undefined ? undefined : { kind: plain };
}
