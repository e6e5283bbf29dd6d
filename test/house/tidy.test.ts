import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importsOf, root, sources, undocumentedExports } from './source-tree.ts';

const FILE_LINES_MAX = 400;
const LINE_COLUMNS_MAX = 100;

/** Where a tool asks for a default export. */
const DEFAULT_EXPORTS = ['vitest.config.ts', 'src/morsel/worker.ts'];

const foundation = ['errors', 'clock', 'nearest-name', 'nearest-value', 'shown-value'];
const edges = ['operators', 'ingest', 'sql'];
const engine = [...foundation, 'wasm', 'arrow', ...edges, 'plan'];
const outer = [...engine, 'run', 'metrics', 'morsel', 'pipeline', 'stream'];

/**
 * What each part of `src/` may import: `errors <- wasm <- arrow <- {operators, ingest, sql}`, and
 * `{operators, ingest, sql} <- morsel <- pipeline <- stream <- rows <- {index, cli, console}`.
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  clock: [],
  'nearest-name': [],
  'nearest-value': ['nearest-name'],
  'shown-value': [],
  'node-version': [],
  'check-node': ['errors', 'node-version'],
  metrics: foundation,
  testing: ['errors', 'check-node'],
  wasm: foundation,
  arrow: [...foundation, 'wasm'],
  operators: [...foundation, 'wasm', 'arrow'],
  ingest: [...foundation, 'wasm', 'arrow'],
  sql: [...foundation, 'wasm', 'arrow'],
  plan: [...foundation, 'wasm', 'arrow', ...edges],
  run: engine,
  morsel: [...engine, 'metrics'],
  pipeline: [...engine, 'run', 'metrics', 'morsel'],
  stream: [...engine, 'run', 'metrics', 'morsel', 'pipeline'],
  rows: [...outer, 'config'],
  config: outer,
  index: [...outer, 'rows', 'config', 'check-node'],
  console: outer,
  cli: [...outer, 'rows', 'config', 'index', 'testing', 'console', 'node-version'],
};

/** Parts that may have types, never code, from above: a plan is data that they are given. */
const ALLOWED_TYPES: Readonly<Record<string, readonly string[]>> = {
  operators: ['plan'],
  ingest: ['plan'],
  sql: ['plan'],
};

/** `src/ingest/client.ts` is part of `ingest`, `src/plan.ts` is `plan`. */
function partOf(path: string): string {
  return (path.split('/')[1] ?? '').replace(/\.ts$/, '');
}

describe('dependencies', () => {
  const files = sources('src/**/*.ts');

  test('each part of src is known to this test', () => {
    const parts = new Set(files.map(({ path }) => partOf(path)));
    expect([...parts].filter((part) => !(part in ALLOWED))).toEqual([]);
  });

  test('point one way', () => {
    const wrong = files.flatMap((file) => {
      const part = partOf(file.path);
      const code = [part, ...(ALLOWED[part] ?? [])];
      const types = [...code, ...(ALLOWED_TYPES[part] ?? [])];
      return importsOf(file)
        .filter(({ path }) => path.startsWith('src/'))
        .filter(({ path, typeOnly }) => !(typeOnly ? types : code).includes(partOf(path)))
        .map(({ path }) => `${file.path} imports ${path}`);
    });
    expect(wrong).toEqual([]);
  });

  test('stay inside src', () => {
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter(({ path }) => !path.startsWith('src/'))
        .map(({ path }) => `${file.path} imports ${path}`),
    );
    expect(wrong).toEqual([]);
  });

  test('lead to files that are there', () => {
    const missing = sources('{src,test,bench,tools,examples,wasm}/**/*.ts').flatMap((file) =>
      importsOf(file)
        .filter(({ path }) => !existsSync(join(root, path)))
        .map(({ path }) => `${file.path} imports ${path}`),
    );
    expect(missing).toEqual([]);
  });
});

describe('the file map in ARCHITECTURE.md', () => {
  const architecture = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  const block = /^## File map$[\s\S]*?^```\w*\n([\s\S]*?)^```$/m.exec(architecture)?.[1] ?? '';
  const entries = [...block.matchAll(/^(\S+) {2,}\S/gm)].map((match) => match[1] ?? '');

  test('has an entry on each line', () => {
    const lines = block.split('\n').filter((line) => line.trim() !== '');
    expect(lines.filter((line) => !/^(\S+| +) {2,}\S/.test(line))).toEqual([]);
    expect(entries.length).toBeGreaterThan(0);
    expect(new Set(entries).size).toBe(entries.length);
  });

  test('names only what is there', () => {
    expect(entries.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test('names every folder, and every file at the top of src', () => {
    const folders = globSync('{src,wasm,bench,test}/**/', { cwd: root })
      .filter((path) => globSync('*.*', { cwd: join(root, path) }).length > 0)
      .map((path) => `${path.replace(/\/$/, '')}/`)
      .filter((path) => path !== 'src/');
    const files = globSync('src/*.ts', { cwd: root });
    expect([...folders, ...files].filter((path) => !entries.includes(path))).toEqual([]);
  });
});

describe('house rules', () => {
  const code = sources('{*.ts,{src,test,bench,tools,examples,wasm}/**/*.{ts,h,cpp}}');

  test(`files have at most ${FILE_LINES_MAX} lines`, () => {
    const long = code.filter(({ lines }) => lines.length - 1 > FILE_LINES_MAX);
    expect(long.map(({ path, lines }) => `${path}: ${lines.length - 1}`)).toEqual([]);
  });

  test(`lines have at most ${LINE_COLUMNS_MAX} columns`, () => {
    const long = code.flatMap(({ path, lines }) =>
      lines.flatMap((line, index) =>
        [...line].length > LINE_COLUMNS_MAX ? [`${path}:${index + 1}`] : [],
      ),
    );
    expect(long).toEqual([]);
  });

  test('no default exports, except where a tool asks for one', () => {
    const wrong = code.filter(({ text }) =>
      /^export (default\b|\{[^}]*\bas default\b)/m.test(text),
    );
    expect(wrong.map(({ path }) => path).filter((path) => !DEFAULT_EXPORTS.includes(path))).toEqual(
      [],
    );
  });

  test('nothing is left for later', () => {
    // Spelt in two, so that this file does not find itself.
    const marks = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X'].join('|')})\\b`);
    expect(code.filter(({ text }) => marks.test(text)).map(({ path }) => path)).toEqual([]);
  });

  test('no type check is switched off', () => {
    const marks = new RegExp(`@ts-(${['ign' + 'ore', 'noc' + 'heck'].join('|')})`);
    expect(code.filter(({ text }) => marks.test(text)).map(({ path }) => path)).toEqual([]);
  });

  test('no catch block is empty', () => {
    const empty = code.filter(({ text }) => /\bcatch\s*(\(\w*\)\s*)?\{\s*\}/.test(text));
    expect(empty.map(({ path }) => path)).toEqual([]);
  });

  test('every export of src has a docstring', () => {
    expect(sources('src/**/*.ts').flatMap(undocumentedExports)).toEqual([]);
  });
});
