import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readOptionTypes } from '../../tools/configuration/option-types.ts';
import { referencePage } from '../../tools/configuration/reference.ts';
import { root } from '../house/source-tree.ts';

test('docs/configuration.md is what node tools/generate-configuration.ts writes', async () => {
  const types = readOptionTypes(root);
  expect(types.source.map(({ name }) => name)).toContain('batch.maxRows');
  const page = await readFile(join(root, 'docs', 'configuration.md'), 'utf8');
  expect(page).toBe(referencePage(types));
  // An option that is added has to say how it is read from text.
  const added = { ...types, run: [...types.run, { name: 'new', type: 'number', doc: 'New.' }] };
  expect(() => referencePage(added)).toThrow('src/config/options.ts says of run.new not how');
});
