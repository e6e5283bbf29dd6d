/** Expressions as DuckDB's SQL. */
import type { ExprNode, LiteralNode } from '../../src/operators/expr/node.ts';
import { symbolOf } from '../../src/operators/expr-text.ts';
import { functionNamed } from '../../src/operators/functions/registry.ts';

/** @throws where a function has nothing alike in DuckDB. */
export function toSql(node: ExprNode): string {
  switch (node.kind) {
    case 'column':
      return `"${node.name}"`;
    case 'literal':
      return literalSql(node);
    case 'unary':
      if (node.op === 'neg') return `(-${toSql(node.operand)})`;
      if (node.op === 'not') return `(NOT ${toSql(node.operand)})`;
      return `(${toSql(node.operand)} IS ${node.op === 'isNull' ? '' : 'NOT '}NULL)`;
    case 'binary':
      return `(${toSql(node.left)} ${symbolOf(node.op).toUpperCase()} ${toSql(node.right)})`;
    case 'coalesce':
      return `coalesce(${node.operands.map(toSql).join(', ')})`;
    case 'in':
      if (node.values.length === 0) return 'false';
      return `(${toSql(node.operand)} IN (${node.values.map(literalSql).join(', ')}))`;
    case 'field':
      return `struct_extract(${toSql(node.operand)}, '${node.name}')`;
    case 'call': {
      const { sql } = functionNamed(node);
      if (sql === undefined) throw new Error(`${node.fn} has no SQL`);
      return sql(node.operands.map(toSql), node.options ?? {});
    }
    default:
      throw new Error(`no SQL for ${(node as ExprNode).kind}`);
  }
}

function literalSql(node: LiteralNode): string {
  switch (node.type) {
    case 'null':
      return 'NULL';
    case 'utf8':
      return `'${node.value.replaceAll("'", "''")}'`;
    case 'number':
      if (Number.isInteger(node.value) && !Object.is(node.value, -0)) return `(${node.value})`;
      // DuckDB reads the text -0 as 0.
      if (Object.is(node.value, -0)) return "(-'0'::DOUBLE)";
      return `'${node.value}'::DOUBLE`;
    case 'bigint':
      return `(${node.value})::BIGINT`;
    case 'duration':
      return `to_microseconds(${node.value})`;
    case 'timestamp':
      return `make_timestamptz(${node.value})`;
    default:
      return String(node.value);
  }
}
