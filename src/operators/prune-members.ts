/** Leaves members that nothing reads out of nested columns: no decoder makes them then. */
import type { DataType, Field, Schema } from '../arrow/schema.ts';
import type { CompiledBranch } from './compile.ts';
import type { CompiledStep } from './compile-step.ts';
import { ITEM, type Need, needsOfTree } from './member-needs.ts';
import { operandsOf, type Program, withOperands } from './program.ts';

/** A tree over columns that have less members. */
export interface Pruned {
  readonly root: CompiledBranch;
  readonly input: Schema;
}

/**
 * The input's schema with only those members that the tree reads, and the tree with the places
 * that members have there. A struct of which nothing is read but whether it is null keeps its
 * first member.
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
    const item = prunedField(type.item, need.get(ITEM) ?? 'all');
    return item === type.item ? type : { ...type, item };
  }
  if (type.kind !== 'struct') return type;
  const read = type.fields.filter(({ name }) => need.has(name));
  const kept = read.length === 0 ? type.fields.slice(0, 1) : read;
  const fields = kept.map((field) => prunedField(field, need.get(field.name) ?? 'all'));
  const same = fields.length === type.fields.length && fields.every((f, i) => f === type.fields[i]);
  return same ? type : { kind: 'struct', fields };
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
        const type = types.get(column);
        const [name] = into;
        if (type?.kind === 'list' && name !== undefined) after.set(name, type.item.type);
      }
      return { step, types: after };
    }
    default:
      return { step, types };
  }
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
  const operands = operandsOf(program).map((operand) => placedProgram(operand, types).program);
  return { program: withOperands(program, operands) };
}
