import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../house/source-tree.ts';
import { runProgram } from './snippets.ts';

test('examples/arrow-without-kafka.ts gives the rows that its trades stand for', async () => {
  const path = join(root, 'examples', 'arrow-without-kafka.ts');
  const { code, stdout, stderr } = await runProgram(path);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toContain("│ 0       │ 'ABC'  │ 1050  │");
  expect(stdout).toContain("│ 1       │ 'QRS'  │ 7250  │");
  expect(stdout).toMatch(/^1 trade of QRS, worth 7250$/m);
});

test('the README leads to every example', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const linked = [...readme.matchAll(/\]\((examples\/[a-z-]+\.ts)\)/g)].map(([, path]) => path);
  expect(linked.sort()).toEqual(globSync('examples/*.ts', { cwd: root }).sort());
});
