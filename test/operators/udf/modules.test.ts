import { expect, test } from 'vitest';
import { MillraceError } from '../../../src/errors.ts';
import { loadFunctions } from '../../../src/operators/udf/modules.ts';
import { functionKey, type UdfDeclaration } from '../../../src/operators/udf/node.ts';

const MODULE = new URL('../../stream/functions.ts', import.meta.url).href;
const bool = { type: { kind: 'bool' }, nullable: false } as const;

function declaration(url: string, name: string): UdfDeclaration {
  const rest = { mode: 'row', nulls: 'skip', timeoutMs: 1, onError: 'fail' } as const;
  const flags = { pure: false, isolated: false };
  return { url, name, args: [], returns: bool, ...rest, ...flags };
}

async function failure(url: string, name: string): Promise<MillraceError> {
  const error: unknown = await loadFunctions([declaration(url, name)], () => undefined).then(
    () => undefined,
    (reason) => reason,
  );
  if (error instanceof MillraceError) return error;
  throw new Error('nothing failed', { cause: error });
}

test('takes the functions of all modules, and says which it is at', async () => {
  const code = 'data:text/javascript,export function one() { return 1; }';
  const declarations = [declaration(MODULE, 'risk'), declaration(code, 'one')];
  const loading: number[] = [];
  const functions = await loadFunctions(declarations, (index) => loading.push(index));
  expect(loading).toEqual([0, 1]);
  expect(functions.get(functionKey(declarations[1]!))!()).toBe(1);
  expect(functions.get(functionKey(declarations[0]!))).toBeTypeOf('function');
});

test.each([
  [MODULE.replace('functions', 'nothing'), 'f', 'INVALID_OPTION', 'there is no module file:'],
  [MODULE, 'rusk', 'INVALID_OPTION', "did you mean 'risk'?"],
  [MODULE, 'toString', 'INVALID_OPTION', 'does not export toString'],
  [MODULE, 'notAFunction', 'INVALID_OPTION', 'is no function, but number'],
  ['data:text/javascript,export const x = 1', 'f', 'INVALID_OPTION', 'exports no function'],
  ['data:text/javascript,throw new Error("oh")', 'f', 'CONSUMER_FAILED', 'failed: oh'],
  ['data:text/javascript,import "file:///nothing.js"', 'f', 'CONSUMER_FAILED', 'nothing.js'],
])('%s, %s is %s', async (url, name, code, message) => {
  const error = await failure(url, name);
  expect(error).toMatchObject({ code, context: { url, function: name } });
  expect(error.message).toContain(message);
});
