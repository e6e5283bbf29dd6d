import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import config from '../../vitest.config.ts';
import { root, sources } from './source-tree.ts';

interface Project {
  readonly test: { readonly name: string; readonly include: string[]; readonly exclude?: string[] };
}

/** Test files that a project runs. */
function filesOf(name: string): string[] {
  const projects = (config.test?.projects ?? []) as unknown as readonly Project[];
  const { include, exclude = [] } = projects.find((project) => project.test.name === name)!.test;
  return globSync(include, { cwd: root, exclude }).sort();
}

test('unit tests leave out what needs a broker, all tests do not', () => {
  const broker = sources('test/**/*.test.ts')
    .filter(({ text }) => /\bsharedBrokers\(\)/.test(text))
    .map(({ path }) => path);
  expect(broker.length).toBeGreaterThan(5);
  const unit = [...filesOf('unit'), ...filesOf('engine')];
  expect(unit.length).toBeGreaterThan(20);
  expect(unit.filter((path) => broker.includes(path) || path.startsWith('test/kafka/'))).toEqual(
    [],
  );
  // No test file is in no project, and none in two.
  const all = ['unit', 'engine', 'kafka', 'package'].flatMap(filesOf).sort();
  expect(all).toEqual(globSync('test/**/*.test.ts', { cwd: root }).sort());
});

test('the check fails where tests reach less than nine lines in ten', () => {
  const { thresholds, include } = config.test!.coverage as {
    thresholds: { lines: number };
    include: string[];
  };
  expect(include).toEqual(['src/**/*.ts']);
  expect(thresholds.lines).toBeGreaterThanOrEqual(90);
  const text = readFileSync(new URL('package.json', `file://${root}/`), 'utf8');
  const { scripts } = JSON.parse(text) as { scripts: Record<string, string> };
  expect(scripts.coverage).toBe('vitest run --coverage');
  expect(scripts.check).toContain('npm run coverage');
});
