import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expressionsPage } from '../../tools/expressions/page.ts';
import { root } from '../house/source-tree.ts';

test('docs/expressions.md is what node tools/generate-expressions.ts writes', async () => {
  const page = await readFile(join(root, 'docs', 'expressions.md'), 'utf8');
  expect(page).toBe(expressionsPage());
});
