import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../house/source-tree.ts';
import {
  MODULES,
  needsKafka,
  PREAMBLES,
  program,
  runProgram,
  snippets,
  writePrograms,
} from './snippets.ts';

// Node's WebAssembly, which the types of Node leave out.
const GLOBALS = '../../src/wasm/webassembly.d.ts';
const run = promisify(execFile);
const all = snippets();
const here = all.filter((snippet) => !needsKafka(snippet) && !(snippet.name in MODULES));

let written: Awaited<ReturnType<typeof writePrograms>>;
const fileOf = (name: string) => MODULES[name] ?? `${name.replace(/\W/g, '-')}.ts`;

beforeAll(async () => {
  const programs = all.map((snippet) => [fileOf(snippet.name), program(snippet)]);
  written = await writePrograms(Object.fromEntries(programs));
});

afterAll(async () => {
  await written.remove();
});

test('every block is a whole program, or has something that makes it one', () => {
  expect(all.length).toBeGreaterThanOrEqual(7);
  const parts = all.filter(({ code }) => !/^import /m.test(code)).map(({ name }) => name);
  expect(parts).toEqual(Object.keys(PREAMBLES));
});

test('every block compiles in a strict project', async () => {
  const compilerOptions = {
    ...{ strict: true, noEmit: true, module: 'nodenext', target: 'es2024', skipLibCheck: true },
    ...{ lib: ['es2024', 'esnext.disposable', 'esnext.iterator'], types: ['node'] },
    ...{ allowImportingTsExtensions: true, noUnusedLocals: true },
  };
  // The compiler takes paths, not file URLs.
  const files = all.map(({ name }) => `typed-${fileOf(name)}`);
  for (const [index, snippet] of all.entries()) {
    const text = program(snippet).replaceAll(/'file:\/\/[^']*(\/src\/[^']*)'/g, "'../..$1'");
    await writeFile(join(written.folder, files[index]!), text);
  }
  const config = join(written.folder, 'tsconfig.json');
  await writeFile(config, JSON.stringify({ compilerOptions, files: [...files, GLOBALS] }));
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const result = await run(process.execPath, [compiler, '-p', config]).catch((error) => error);
  expect(result.stdout).toBe('');
}, 60_000);

test.for(here.map((snippet) => [snippet.at, snippet] as const))(
  '%s runs and prints what it says',
  // A block may start some twenty pipelines, each with threads of its own.
  { timeout: 120_000 },
  async ([, snippet]) => {
    const { code, stdout, stderr } = await runProgram(join(written.folder, fileOf(snippet.name)));
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const said = [...snippet.code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, t]) => t);
    expect(stdout.trim().split('\n')).toEqual(said);
  },
);
