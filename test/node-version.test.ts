import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { NEEDED_NODE, oldNode } from '../src/node-version.ts';

test('the needed version is that of package.json', () => {
  const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  expect(engines).toEqual({ node: `>=${NEEDED_NODE}` });
});

test.each(['22.22.0', '22.22.1', '22.100.0', '24.0.0', '100.1.0', process.versions.node])(
  '%s will do',
  (version) => expect(oldNode(version)).toBeUndefined(),
);

test.each(['22.21.9', '22.9.0', '20.20.2', '9.0.0'])('%s is too old', (version) => {
  expect(oldNode(version)).toBe(
    `millrace needs Node 22.22.0 or newer, and this is Node ${version}`,
  );
});

test('nothing is imported by name that the check could not refuse', () => {
  const source = readFileSync(new URL('../src/ingest/compression.ts', import.meta.url), 'utf8');
  expect(source).toMatch(/^import zlib, \{ type \w+ \} from 'node:zlib';$/m);
});

test.each(['index.ts', 'testing/index.ts', 'cli/main.ts'])('%s checks first', (entry) => {
  const source = readFileSync(new URL(`../src/${entry}`, import.meta.url), 'utf8');
  const [first] = source.match(/^(import|export) .*$/m)!;
  expect(first).toMatch(/^import '\.\.?\/check-node\.ts';$/);
});
