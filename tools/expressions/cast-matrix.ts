/** Which types are cast to which, as a table: from the definition of `cast`. */
import { parseType } from '../../src/arrow/scalar-text.ts';
import type { ScalarDataType } from '../../src/arrow/schema.ts';
import { isInteger } from '../../src/operators/common-type.ts';
import { canFail } from '../../src/operators/cost.ts';
import { canCast, castTyped } from '../../src/operators/functions/cast.ts';
import type { Program } from '../../src/operators/program.ts';

/** Types that are cast alike, by the name of their row. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  bool: ['bool'],
  integer: ['int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64'],
  float: ['float32', 'float64'],
  decimal: ['decimal(12,2)', 'decimal(38,10)'],
  utf8: ['utf8'],
  dictionary: ['dictionary'],
  binary: ['binary'],
  date: ['date'],
  time: ['time'],
  timestamp: ['timestamp(s)', 'timestamp(ms)', 'timestamp', 'timestamp(ns)'],
  duration: ['duration'],
  json: ['json'],
};

function typesOf(group: string): readonly ScalarDataType[] {
  return GROUPS[group]!.map((text) => parseType(text) as ScalarDataType);
}

function cell(from: string, to: string): string {
  const pairs = typesOf(from).flatMap((a) => typesOf(to).map((b) => ({ from: a, to: b })));
  if (!pairs.every((pair) => canCast(pair.from, pair.to))) return '';
  return pairs.some(fails) ? 'fits' : 'all';
}

function fails({ from, to }: { from: ScalarDataType; to: ScalarDataType }): boolean {
  // Made of their texts, which are JSON; those of floats may be NaN.
  const isJson = ['bool', 'decimal'].includes(from.kind) || isInteger(from.kind);
  if (to.kind === 'json' && isJson) return false;
  const program: Program = { kind: 'column', name: 'x' };
  return canFail(castTyped({ program, type: from, nullable: false }, to, 'fail', '').program);
}

/** The table, in Markdown. */
export function castMatrix(): string {
  const names = Object.keys(GROUPS);
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    '### Which casts there are',
    '`all`: every value has one, though a float may be rounded. `fits`: what the type does not ' +
      'hold fails the row, or is null with `tryCast`. Elsewhere the error names the way round: ' +
      '`fromEpoch` and `toEpoch` between numbers and timestamps, `extract`, or a text in ' +
      'between. A null column is cast to anything; structs, lists and maps to nothing.',
    [
      row(['from \\ to', ...names]),
      row(['---', ...names.map(() => '---')]),
      ...names.map((from) => row([from, ...names.map((to) => cell(from, to))])),
    ].join('\n'),
  ].join('\n\n');
}
