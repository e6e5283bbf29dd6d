/** Leaves members that nothing reads out of nested columns: no decoder makes them then. */
import type { DataType, Field, Schema } from '../arrow/schema.ts';
import { isScalar } from './common-type.ts';
import type { CompiledBranch } from './compile.ts';
import type { CompiledStep } from './compile-step.ts';
import { ITEM, type Need, NO_MEMBER, needsOfTree } from './member-needs.ts';
import { type CallProgram, operandsOf, type Program, withOperands } from './program.ts';

/** A tree over columns that have less members. */
export interface Pruned {
  readonly root: CompiledBranch;
  readonly input: Schema;
}

/**
 * The input's schema with only those members that the tree reads, and the tree with the places
 * that members have there. A struct of which nothing is read but whether it is null keeps the
 * member that is cheapest to decode.
 */
export function pruneMembers(root: CompiledBranch, input: Schema): Pruned {
  const needs = needsOfTree(root);
  const fields = input.fields.map((field) => prunedField(field, needs.get(field.name) ?? 'all'));
  if (fields.every((field, i) => field === input.fields[i])) return { root, input };
  const types = new Map(fields.map(({ name, type }) => [name, type]));
  return { root: placed(root, types), input: { fields } };
}

function prunedField(field: Field, need: Need): Field {
  const type = pruned(field.type, need);
  return type === field.type ? field : { ...field, type };
}

function pruned(type: DataType, need: Need): DataType {
  if (need === 'all') return type;
  if (type.kind === 'list') {
    const item = prunedField(type.item, need.get(ITEM) ?? NO_MEMBER);
    return item === type.item ? type : { ...type, item };
  }
  if (type.kind === 'map') {
    const value = prunedField(type.value, need.get(ITEM) ?? NO_MEMBER);
    return value === type.value ? type : { ...type, value };
  }
  if (type.kind !== 'struct') return type;
  const read = type.fields.filter(({ name }) => need.has(name));
  const kept = read.length === 0 ? [cheapest(type.fields)] : read;
  const fields = kept.map((field) => prunedField(field, need.get(field.name) ?? NO_MEMBER));
  const same = fields.length === type.fields.length && fields.every((f, i) => f === type.fields[i]);
  return same ? type : { kind: 'struct', fields };
}

const DEAR: readonly DataType['kind'][] = ['utf8', 'binary', 'dictionary', 'json'];

function cheapest(fields: readonly Field[]): Field {
  const scalars = fields.filter(({ type }) => isScalar(type));
  return scalars.find(({ type }) => !DEAR.includes(type.kind)) ?? scalars[0] ?? fields[0]!;
}

/** Types of columns by name; of those that a program makes, absent. */
type Types = ReadonlyMap<string, DataType>;

function placed(branch: CompiledBranch, before: Types): CompiledBranch {
  let types = before;
  const steps = branch.steps.map((step) => {
    const next = placedStep(step, types);
    types = next.types;
    return next.step;
  });
  return { ...branch, steps, branches: branch.branches.map((part) => placed(part, types)) };
}

function placedStep(step: CompiledStep, types: Types): { step: CompiledStep; types: Types } {
  switch (step.kind) {
    case 'filter':
      return { step: { ...step, predicate: placedProgram(step.predicate, types).program }, types };
    case 'project': {
      const made = step.columns.map(({ name, program }) => ({
        name,
        ...placedProgram(program, types),
      }));
      const columns = made.map(({ name, program }) => ({ name, program }));
      const known = made.flatMap(({ name, type }) => (type === undefined ? [] : [[name, type]]));
      return { step: { ...step, columns }, types: new Map(known as [string, DataType][]) };
    }
    case 'unnest': {
      const after = new Map([...types].filter(([name]) => step.keep.includes(name)));
      for (const { column, into } of step.lists) {
        const item = itemType(types.get(column));
        const name = into.at(-1);
        if (item !== undefined && name !== undefined) after.set(name, item);
      }
      return { step, types: after };
    }
    case 'inline': {
      if (step.what === 'filter') return { step, types };
      return { step, types: new Map([...types].filter(([name]) => step.keeps.includes(name))) };
    }
    default:
      return { step, types };
  }
}

/** The type of a list's items, or a map's values. */
function itemType(type: DataType | undefined): DataType | undefined {
  if (type?.kind === 'map') return type.value.type;
  return type?.kind === 'list' ? type.item.type : undefined;
}

function placedProgram(program: Program, types: Types): { program: Program; type?: DataType } {
  if (program.kind === 'column') {
    const type = types.get(program.name);
    return type === undefined ? { program } : { program, type };
  }
  if (program.kind === 'field') {
    const { program: operand, type } = placedProgram(program.operand, types);
    if (type?.kind !== 'struct') return { program: { ...program, operand } };
    const index = type.fields.findIndex(({ name }) => name === program.name);
    return { program: { ...program, operand, index }, type: type.fields[index]!.type };
  }
  const placed = operandsOf(program).map((operand) => placedProgram(operand, types));
  const operands = placed.map((operand) => operand.program);
  const over = withOperands(program, operands);
  const given = placed.map((operand) => operand.type);
  const type = over.kind === 'call' ? typeOfCall(over, given) : undefined;
  return type === undefined ? { program: over } : { program: { ...over, type } as Program, type };
}

/** What a call makes of columns that may have less members; undefined for other calls. */
function typeOfCall(
  { kernel, type }: CallProgram,
  given: readonly (DataType | undefined)[],
): DataType | undefined {
  const [holder] = given;
  if (kernel === 'struct' && type.kind === 'struct') {
    const fields = type.fields.map((field, i) => ({ ...field, type: given[i] ?? field.type }));
    return { kind: 'struct', fields };
  }
  if (kernel === 'listGet') return itemType(holder);
  if (holder?.kind !== 'map') return undefined;
  if (kernel === 'mapGet') return holder.value.type;
  if (kernel !== 'values' || type.kind !== 'list') return undefined;
  return { kind: 'list', item: { ...type.item, type: holder.value.type } };
}
