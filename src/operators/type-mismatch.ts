/** The error for operands that do not fit: names the expression, the types, and a way out. */
import type { DataType } from '../arrow/schema.ts';
import { typeToString } from '../arrow/schema-text.ts';
import { MillraceError } from '../errors.ts';
import { hasWithin } from './common-type.ts';
import type { ExprNode } from './expr/node.ts';
import { exprToString } from './expr-text.ts';

/** An operand and its type. */
export interface TypedOperand {
  readonly node: ExprNode;
  readonly type: DataType | 'null';
}

/**
 * @param node the expression that cannot be evaluated.
 * @param operands what it was given; empty where `why` says it all.
 * @param why what is wrong and what would work; default: what the operator takes.
 */
export function typeMismatch(
  node: ExprNode,
  operands: readonly TypedOperand[],
  why = takes(node, operands),
): MillraceError {
  const text = exprToString(node);
  const have = operands.map(
    (operand) => `${exprToString(operand.node)} is ${nameOf(operand.type)}`,
  );
  const facts = [...have.slice(0, 3), ...(have.length > 3 ? ['…'] : [])].join(', ');
  const message = `${text}: ${facts === '' ? '' : `${facts}; `}${why}`;
  return new MillraceError(message, { code: 'TYPE_MISMATCH', context: { expression: text } });
}

function takes(node: ExprNode, operands: readonly TypedOperand[]): string {
  switch (node.kind) {
    case 'unary':
      return node.op === 'not' ? logicTakes(operands) : arithmeticTakes(operands);
    case 'binary':
      if (node.op === 'and' || node.op === 'or') return logicTakes(operands);
      if (['add', 'sub', 'mul', 'div', 'mod'].includes(node.op)) return arithmeticTakes(operands);
      return comparisonTakes(operands);
    case 'field':
      return 'only a struct has members';
    case 'coalesce':
      return `coalesce takes values of one type, or numbers${quoteHint(operands)}`;
    default:
      return comparisonTakes(operands);
  }
}

function arithmeticTakes(operands: readonly TypedOperand[]): string {
  if (kindsOf(operands).some((kind) => TEMPORAL.includes(kind))) {
    return (
      "dates, times and timestamps take durations, as in + a duration or add(1, 'hour'), and " +
      'their own kind in a difference'
    );
  }
  return `arithmetic takes numbers${quoteHint(operands)}`;
}

function logicTakes(operands: readonly TypedOperand[]): string {
  const wrong = operands.find(({ type }) => type !== 'null' && type.kind !== 'bool');
  const example =
    wrong === undefined ? '' : `; make it one, such as ${exprToString(wrong.node)} is not null`;
  return `and, or, not take bools${example}`;
}

function comparisonTakes(operands: readonly TypedOperand[]): string {
  const kinds = kindsOf(operands);
  const isJson = ({ kind }: DataType) => kind === 'json';
  if (operands.some(({ type }) => type !== 'null' && hasWithin(type, isJson))) {
    return "json is not compared; take a value out: .jsonPath('$', { as: 'int64' })";
  }
  if (kinds.some((kind) => ['struct', 'list', 'map'].includes(kind))) {
    return (
      'structs, lists and maps stand beside others of the same members and items only; ' +
      'take a member: .field(name), .get(place)'
    );
  }
  if (kinds.includes('timestamp')) {
    return (
      'a timestamp is compared with a timestamp or date: a Date, or an ISO 8601 text; ' +
      'those with and those without a zone need a cast'
    );
  }
  return `values of one type are compared, or numbers${quoteHint(operands)}`;
}

const TEMPORAL: readonly string[] = ['date', 'time', 'timestamp', 'duration'];

function kindsOf(operands: readonly TypedOperand[]): readonly string[] {
  return operands.map(({ type }) => (type === 'null' ? type : type.kind));
}

function nameOf(type: DataType | 'null'): string {
  if (type === 'null') return type;
  return ['struct', 'list', 'map'].includes(type.kind) ? type.kind : typeToString(type);
}

// The usual slip: a number in quotes, or a text column beside a bare number.
function quoteHint(operands: readonly TypedOperand[]): string {
  for (const { node } of operands) {
    if (node.kind !== 'literal') continue;
    const isNumber = node.type === 'number' || node.type === 'bigint';
    if (isNumber && kindsOf(operands).includes('utf8')) {
      return `; write '${node.value}' for a text`;
    }
    if (node.type === 'utf8' && node.value !== '' && Number.isFinite(Number(node.value))) {
      return `; write ${node.value} without quotes`;
    }
  }
  return '';
}
