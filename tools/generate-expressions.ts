/**
 * Writes docs/expressions.md from the definitions of operators and functions.
 *
 *   node tools/generate-expressions.ts
 */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expressionsPage } from './expressions/page.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
writeFileSync(join(root, 'docs', 'expressions.md'), expressionsPage());
