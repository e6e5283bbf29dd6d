/** Compiled steps as text for people: what really runs. */
import type { CompiledBranch } from '../operators/compile.ts';
import type { CompiledStep } from '../operators/compile-step.ts';
import { nameToString } from '../operators/expr-text.ts';
import { inlineText } from '../operators/inline/inline-step.ts';
import type { Program } from '../operators/program.ts';
import { programToString } from '../operators/program-text.ts';

/** Stands in front of what does not run where the steps before it leave no row. */
const WHERE_ROWS = 'if rows are left: ';

/** What runs on the rows of a source, a line a step; branches are further in. */
export function runLines(root: CompiledBranch): readonly string[] {
  return branchLines(root, false);
}

function branchLines({ steps, branches }: CompiledBranch, mayBeEmpty: boolean): readonly string[] {
  let fewer = mayBeEmpty;
  const own = steps.map((step) => {
    // A limit counts no rows, too.
    const line = `${fewer && step.kind !== 'limit' ? WHERE_ROWS : ''}${compiledToString(step)}`;
    fewer ||= step.kind !== 'project';
    return line;
  });
  const below = branches.flatMap((branch) => branchLines(branch, fewer).map(indented));
  return own.length + below.length === 0 ? ['nothing in between'] : [...own, ...below];
}

const indented = (line: string) => `  ${line}`;

function compiledToString(step: CompiledStep): string {
  switch (step.kind) {
    case 'filter':
      return `filter ${programToString(step.predicate)}`;
    case 'project': {
      const made = step.columns.filter(({ name, program }) => !isColumn(program, name));
      const kept = step.columns.length - made.length;
      const texts = made.map(
        ({ name, program }) => `${nameToString(name)} = ${programToString(program)}`,
      );
      return `columns ${[...texts, ...(kept > 0 ? [`${kept} as they are`] : [])].join(', ')}`;
    }
    case 'limit':
      return `limit ${step.rows}`;
    case 'unnest':
      return `unnest ${step.lists.map(({ column }) => nameToString(column)).join(', ')}`;
    case 'distinct':
      return `distinct by ${step.columns.map(nameToString).join(', ')}, within each batch`;
    case 'sample':
      return 'sample';
    case 'inline':
      return `${inlineText(step)} on the main thread, over ${step.hands.fields.length} columns`;
  }
}

function isColumn(program: Program, name: string): boolean {
  return program.kind === 'column' && program.name === name;
}
