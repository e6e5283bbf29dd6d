/** Operands that are texts, and pieces of DuckDB's SQL. */
import type { ScalarDataType } from '../../arrow/schema.ts';
import type { Typed } from '../program.ts';
import type { CallSite } from './call-site.ts';

/** The type of texts. */
export const UTF8: ScalarDataType = { kind: 'utf8' };

/**
 * Operand `i` as utf8; dictionaries are widened.
 *
 * @throws MillraceError `TYPE_MISMATCH` for other types.
 */
export function text(site: CallSite, i = 0): Typed {
  const kind = site.type(i)?.kind ?? 'utf8';
  if (kind === 'utf8') return site.typed(i, UTF8);
  if (kind === 'dictionary') return site.widen(site.typed(i, UTF8), i, UTF8);
  throw site.mismatch(`${site.node.fn} takes texts; cast('utf8') makes one of a value`);
}

/** A text as DuckDB's SQL writes it. */
export function sqlText(value: unknown): string {
  return `'${String(value).replaceAll("'", "''")}'`;
}
