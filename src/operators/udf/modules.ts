/** Loads the modules of user functions into the thread that calls them. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MillraceError } from '../../errors.ts';
import { meantName } from '../../nearest-name.ts';
import type { LoadedFunction } from './host.ts';
import { functionKey, type UdfDeclaration, urlToString } from './node.ts';

/**
 * Imports each module, and takes its function.
 *
 * @param loading called before each import; the thread may hang in it.
 * @returns the functions by {@link functionKey}.
 * @throws MillraceError `INVALID_OPTION` where there is no such module, or it does not export a
 *   function of that name; `CONSUMER_FAILED` where it throws.
 */
export async function loadFunctions(
  declarations: readonly UdfDeclaration[],
  loading: (index: number) => void,
): Promise<ReadonlyMap<string, LoadedFunction>> {
  const functions = new Map<string, LoadedFunction>();
  for (const [index, declaration] of declarations.entries()) {
    loading(index);
    const exported = await importModule(declaration);
    functions.set(functionKey(declaration), functionIn(exported, declaration));
  }
  return functions;
}

async function importModule({ url, name }: UdfDeclaration): Promise<Record<string, unknown>> {
  try {
    return (await import(url)) as Record<string, unknown>;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const context = { url, function: name };
    if (isMissing(url)) {
      const message = `there is no module ${urlToString(url)} for the function ${name}${hint(url)}`;
      throw new MillraceError(message, { code: 'INVALID_OPTION', context, cause: error });
    }
    throw new MillraceError(
      `the module ${urlToString(url)} of the function ${name} failed: ${reason}`,
      {
        code: 'CONSUMER_FAILED',
        context,
        cause: error,
      },
    );
  }
}

function isMissing(url: string): boolean {
  return url.startsWith('file:') && !existsSync(fileURLToPath(url));
}

// A compiler that turns .ts into .js does not see the name inside a URL.
function hint(url: string): string {
  const other = url.endsWith('.ts') ? url.replace(/ts$/, 'js') : url.replace(/js$/, 'ts');
  const there = other !== url && !isMissing(other);
  return there ? `; there is ${other}` : "; write new URL('./functions.ts', import.meta.url)";
}

function functionIn(
  exported: Record<string, unknown>,
  { url, name }: UdfDeclaration,
): LoadedFunction {
  const found = Object.hasOwn(exported, name) ? exported[name] : undefined;
  if (typeof found === 'function') return found as LoadedFunction;
  const context = { url, function: name };
  if (found !== undefined) {
    const message = `${name} of the module ${urlToString(url)} is no function, but ${typeof found}`;
    throw new MillraceError(message, { code: 'INVALID_OPTION', context });
  }
  const names = Object.keys(exported).filter((key) => typeof exported[key] === 'function');
  const has = names.length === 0 ? 'it exports no function' : meantName(name, names);
  throw new MillraceError(`the module ${urlToString(url)} does not export ${name}; ${has}`, {
    code: 'INVALID_OPTION',
    context,
  });
}
