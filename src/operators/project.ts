/** map, select, drop and rename as what they are alike: the columns that there are afterwards. */
import type { Field, ScalarDataType, Schema } from '../arrow/schema.ts';
import { MillraceError } from '../errors.ts';
import { nameToString } from './expr-text.ts';
import { lower } from './lower.ts';
import type { Program } from './program.ts';
import type { DropStep, MapStep, NamedExpr, RenameStep, SelectStep } from './step.ts';
import { unknownColumn } from './unknown-column.ts';

/** A column after a step, and the program that makes it from the columns before. */
export interface ProjectedColumn {
  readonly field: Field;
  readonly program: Program;
}

/**
 * The columns after a step, in order. Every expression sees the columns before the step.
 *
 * @throws MillraceError `UNKNOWN_COLUMN`, `TYPE_MISMATCH`; `INVALID_PLAN` where no column is left
 *   or two have one name.
 */
export function project(
  step: MapStep | SelectStep | DropStep | RenameStep,
  schema: Schema,
): readonly ProjectedColumn[] {
  const columns = columnsAfter(step, schema);
  const names = columns.map(({ field }) => field.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw invalid(step.kind, `makes two columns ${nameToString(twice)}; name one differently`);
  }
  if (names.length === 0) throw invalid(step.kind, 'leaves no column; keep at least one');
  return columns;
}

function columnsAfter(
  step: MapStep | SelectStep | DropStep | RenameStep,
  schema: Schema,
): readonly ProjectedColumn[] {
  switch (step.kind) {
    case 'map':
      return mapColumns(step, schema);
    case 'select':
      return step.columns.map((column) => computed(column, schema));
    case 'drop':
      checkNames(step.columns, schema, 'drop');
      return schema.fields.filter(({ name }) => !step.columns.includes(name)).map(kept);
    case 'rename': {
      const names = new Map(Object.entries(step.names));
      checkNames([...names.keys()], schema, 'rename');
      return schema.fields.map((field) => {
        const { program } = kept(field);
        return { field: { ...field, name: names.get(field.name) ?? field.name }, program };
      });
    }
  }
}

function mapColumns({ columns }: MapStep, schema: Schema): readonly ProjectedColumn[] {
  const made = new Map(columns.map((column) => [column.name, computed(column, schema)]));
  const before = schema.fields.map((field) => made.get(field.name) ?? kept(field));
  const names = new Set(schema.fields.map(({ name }) => name));
  return [
    ...before,
    ...columns.filter(({ name }) => !names.has(name)).map((c) => made.get(c.name)!),
  ];
}

function computed({ name, expr }: NamedExpr, schema: Schema): ProjectedColumn {
  if (expr.kind === 'literal' && expr.type === 'null') return nulls(name);
  const { program, type, nullable } = lower(expr, schema);
  return { field: { name, type, nullable }, program };
}

function nulls(name: string): ProjectedColumn {
  const type: ScalarDataType = { kind: 'null' };
  const program: Program = { kind: 'constant', type, value: null };
  return { field: { name, type, nullable: true }, program };
}

function kept(field: Field): ProjectedColumn {
  return { field, program: { kind: 'column', name: field.name } };
}

function checkNames(names: readonly string[], { fields }: Schema, step: string): void {
  for (const name of names) {
    if (!fields.some((field) => field.name === name)) throw unknownColumn(name, fields, step);
  }
}

function invalid(step: string, message: string): MillraceError {
  return new MillraceError(`${step} ${message}`, { code: 'INVALID_PLAN', context: { step } });
}
