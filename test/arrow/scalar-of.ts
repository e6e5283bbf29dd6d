import { type DataType, type PlainType, TIMESTAMP } from '../../src/arrow/schema.ts';

/** The data of a scalar type by its name alone; a timestamp is in microseconds, UTC. */
export function scalarOf(kind: PlainType | 'timestamp'): DataType {
  return kind === 'timestamp' ? TIMESTAMP : { kind };
}
