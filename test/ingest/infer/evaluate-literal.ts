import { map, nullable, type SchemaLiteral } from '../../../src/arrow/schema-literal.ts';

/** What the text of a literal evaluates to. */
export function evaluateLiteral(text: string): SchemaLiteral {
  return new Function('map', 'nullable', `'use strict'; return (${text});`)(map, nullable);
}
