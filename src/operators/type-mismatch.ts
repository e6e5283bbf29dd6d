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
      return memberTakes(node.name, operands);
    case 'coalesce':
      if (kindsOf(operands).includes('json')) return JSON_IS_CHOSEN;
      return `coalesce takes values of one type, or numbers${quoteHint(operands)}`;
    case 'call':
      if (node.fn === 'case' && kindsOf(operands).includes('json')) return JSON_IS_CHOSEN;
      return comparisonTakes(operands);
    default:
      return comparisonTakes(operands);
  }
}

function arithmeticTakes(operands: readonly TypedOperand[]): string {
  if (kindsOf(operands).some((kind) => TEMPORAL.includes(kind))) {
    return (
      "dates, times and timestamps take durations, as in + a duration or add(1, 'hour'), dates " +
      'and timestamps their own kind in a difference; between times write ' +
      "end.diff(start, 'second')"
    );
  }
  return `arithmetic takes numbers${quoteHint(operands, true)}`;
}

// Every kind of nested value has its own way in.
function memberTakes(name: string, [operand]: readonly TypedOperand[]): string {
  const takes = 'only a struct has members';
  const way = wayInto(operand?.type ?? 'null', name);
  return way === undefined ? takes : `${takes}; write ${way}`;
}

/** What takes the value `name` out of a value of this type; undefined where nothing does. */
export function wayInto(type: DataType | 'null', name: string): string | undefined {
  const kind = type === 'null' ? type : type.kind;
  const text = JSON.stringify(name).slice(1, -1).replaceAll("'", "\\'");
  if (kind === 'struct') return `.field('${text}')`;
  if (kind === 'map') return `.get('${text}')`;
  if (kind === 'json') return `.jsonPath('$.${text}', { as: 'utf8' })`;
  if (kind === 'list') return '.get(1) for its first item, or unnest for a row of each';
  return undefined;
}

function logicTakes(operands: readonly TypedOperand[]): string {
  const wrong = operands.find(({ type }) => type !== 'null' && type.kind !== 'bool');
  const way = wrong === undefined ? '' : `; compare ${exprToString(wrong.node)}: ${COMPARED}`;
  return `and, or, not take bools${way}`;
}

const JSON_IS_CHOSEN =
  "the values to choose from have one type; .cast('utf8') makes a text of a json, and " +
  ".jsonPath('$', { as: 'int64' }) takes a value out";

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

/** How something else than a bool becomes one. */
export const COMPARED = '.gt(…), .eq(…) or .isNotNull()';

const TEMPORAL: readonly string[] = ['date', 'time', 'timestamp', 'duration'];

function kindsOf(operands: readonly TypedOperand[]): readonly string[] {
  return operands.map(({ type }) => (type === 'null' ? type : type.kind));
}

function nameOf(type: DataType | 'null'): string {
  if (type === 'null') return type;
  return ['struct', 'list', 'map'].includes(type.kind) ? type.kind : typeToString(type);
}

// The usual slip: a number in quotes, or a text column beside a bare number.
function quoteHint(operands: readonly TypedOperand[], computes = false): string {
  for (const { node } of operands) {
    if (node.kind !== 'literal') continue;
    const isNumber = node.type === 'number' || node.type === 'bigint';
    const text = operands.find(({ type }) => type !== 'null' && type.kind === 'utf8');
    if (isNumber && text !== undefined) {
      const casts = ".cast('float64') or .cast('decimal(18,2)')";
      const compares = computes ? '' : `, or '${node.value}' to have texts, which compare by bytes`;
      return `; write ${casts} behind ${exprToString(text.node)} for a number${compares}`;
    }
    if (node.type === 'utf8' && node.value !== '' && Number.isFinite(Number(node.value))) {
      return `; write ${node.value} without quotes`;
    }
  }
  return '';
}
