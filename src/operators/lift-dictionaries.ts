/** Has what runs over a dictionary column run over its texts, each once. */
import { canFail } from './cost.ts';
import { DICTIONARY_VALUES, operandsOf, type Program, withOperands } from './program.ts';

const UTF8 = { kind: 'utf8' } as const;

/**
 * Programs whose only operand that is no constant is the texts of one dictionary become a `lift`.
 * Only where a null gives a null, since no text is null, and where no text can fail: the dictionary
 * may have texts of rows that are not selected.
 */
export function liftDictionaries(program: Program): Program {
  const operands = operandsOf(program).map(liftDictionaries);
  const lifted = withOperands(program, operands);
  if (isTexts(lifted)) {
    return {
      kind: 'lift',
      operand: lifted.operand,
      over: { kind: 'column', name: DICTIONARY_VALUES },
    };
  }
  if (!givesNullForNull(lifted) || canFail(lifted)) return lifted;
  const varying = operands.filter((operand) => operand.kind !== 'constant');
  const [only] = varying;
  if (varying.length !== 1 || only?.kind !== 'lift') return lifted;
  const over = operands.map((operand) => (operand === only ? only.over : operand));
  return { kind: 'lift', operand: only.operand, over: withOperands(lifted, over) };
}

function isTexts(program: Program): program is Program & { kind: 'cast' } {
  return (
    program.kind === 'cast' && program.from.kind === 'dictionary' && program.to.kind === UTF8.kind
  );
}

function givesNullForNull(program: Program): boolean {
  switch (program.kind) {
    case 'compare':
    case 'cast':
    case 'arithmetic':
    case 'not':
    case 'in':
      return true;
    case 'call':
      return program.nullForNull;
    default:
      return false;
  }
}
