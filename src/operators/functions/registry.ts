/** All functions by name. */
import { MillraceError } from '../../errors.ts';
import { nearestName } from '../../nearest-name.ts';
import type { CallNode } from '../expr/node.ts';
import { CAST_FUNCTIONS } from './cast.ts';
import { CHOICE_FUNCTIONS } from './choice.ts';
import { CONTAINS_FUNCTION } from './contains.ts';
import type { FunctionDefinition } from './definition.ts';
import { EPOCH_FUNCTIONS } from './epoch.ts';
import { JSON_FUNCTIONS } from './json.ts';
import { LENGTH_FUNCTION } from './length.ts';
import { BIT_FUNCTIONS, HASH_FUNCTIONS, MATH_FUNCTIONS } from './math.ts';
import { NESTED_FUNCTIONS } from './nested.ts';
import { REGEXP_FUNCTIONS } from './regexp.ts';
import { TEXT_FUNCTIONS } from './text.ts';
import { TIME_FUNCTIONS } from './time.ts';

/** Every function, in the order of the documentation. */
export const FUNCTIONS: readonly FunctionDefinition[] = Object.freeze([
  ...CHOICE_FUNCTIONS,
  ...CAST_FUNCTIONS,
  ...MATH_FUNCTIONS,
  ...BIT_FUNCTIONS,
  ...HASH_FUNCTIONS,
  ...TEXT_FUNCTIONS,
  LENGTH_FUNCTION,
  CONTAINS_FUNCTION,
  ...REGEXP_FUNCTIONS,
  ...NESTED_FUNCTIONS,
  ...JSON_FUNCTIONS,
  ...TIME_FUNCTIONS,
  ...EPOCH_FUNCTIONS,
]);

const BY_NAME: ReadonlyMap<string, FunctionDefinition> = new Map(
  FUNCTIONS.map((definition) => [definition.name, definition]),
);

/**
 * The function that a node calls.
 *
 * @throws MillraceError `INVALID_PLAN` where there is none; plans need not come from `Expr`.
 */
export function functionNamed({ fn }: CallNode): FunctionDefinition {
  const found = BY_NAME.get(fn);
  if (found !== undefined) return found;
  const nearest = nearestName(fn, [...BY_NAME.keys()]);
  throw new MillraceError(`there is no function ${fn}; did you mean ${nearest}?`, {
    code: 'INVALID_PLAN',
    context: { function: fn },
  });
}
