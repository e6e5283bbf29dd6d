/** Which version of the library is installed; it does not export that itself. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** The version in the `package.json` of the `@platformatic/kafka` that is loaded. */
export function libraryVersion(): string {
  const entry = createRequire(import.meta.url).resolve('@platformatic/kafka');
  // The entry is dist/index.js.
  const text = readFileSync(new URL('../package.json', pathToFileURL(entry)), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
