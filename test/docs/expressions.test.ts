import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { castMatrix } from '../../tools/expressions/cast-matrix.ts';
import { expressionsPage } from '../../tools/expressions/page.ts';
import { root } from '../house/source-tree.ts';

test('docs/expressions.md is what node tools/generate-expressions.ts writes', async () => {
  const page = await readFile(join(root, 'docs', 'expressions.md'), 'utf8');
  expect(page).toBe(expressionsPage());
});

test('every bool, integer and decimal has JSON, not every float and text', () => {
  const rows = castMatrix()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const toJson = Object.fromEntries(rows.map((cells) => [cells[1], cells.at(-2)]));
  expect(toJson).toMatchObject({ bool: 'all', integer: 'all', decimal: 'all', float: 'fits' });
  expect(toJson).toMatchObject({ utf8: 'fits', date: '' });
});
