import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from './source-tree.ts';

const run = promisify(execFile);
const PACKED_MAX_BYTES = 2 * 1024 * 1024;

const SCRIPT = `
import * as millrace from 'millrace';
import { EmbeddedKafka } from 'millrace/testing';
const refused = await EmbeddedKafka.start({ brokers: 2 }).catch((error) => error);
console.log(JSON.stringify({
  exports: Object.keys(millrace),
  refused: refused instanceof millrace.MillraceError && refused.code,
}));
`;

/** Runs on worker threads, so it finds the worker's file and the WebAssembly module in dist. */
const PIPELINE = `
import { tableFromArrays } from 'apache-arrow';
import { col, Stream } from 'millrace';
const rows = 100_000;
const numbers = tableFromArrays({ n: Int32Array.from({ length: rows }, (_, i) => i) });
const table = await Stream.fromBatches(numbers, { workers: 2 })
  .filter(col('n').mod(1000).eq(7))
  .map({ twice: col('n').mul(2) })
  .select('twice')
  .collect();
console.log(JSON.stringify(Array.from(table, (row) => row.twice)));
`;

const FUNCTION = 'export const next = (n) => n + 1;';
const TYPED_FUNCTION = `
import type { VectorFunction } from 'millrace';
export const twice: VectorFunction<['int32'], 'int32'> = ([n], rows, out) => {
  for (let row = 0; row < rows; row++) out.values[row] = n.values[row]! * 2;
};
`;

/** Functions of the user's project, in JavaScript and in TypeScript, and one on the main thread. */
const FUNCTIONS = `
import { tableFromArrays } from 'apache-arrow';
import { col, Stream, udf } from 'millrace';
const at = (file) => new URL(file, import.meta.url);
const next = udf(at('./next.js'), 'next', { args: ['int32'], returns: 'int32', mode: 'row' });
const twice = udf(at('./twice.ts'), 'twice', { args: ['int32'], returns: 'int32' });
const missing = udf(at('./next.js'), 'nxt', { args: ['int32'], returns: 'int32' });
const stream = Stream.fromBatches(tableFromArrays({ n: Int32Array.of(1, 2, 3) }), { workers: 1 });
const table = await stream
  .map({ n: twice(next(col('n'))) })
  .filter((batch) => [...batch.getChild('n')].map((n) => n > 4))
  .collect();
const failed = await stream.map({ n: missing(col('n')) }).collect().catch((error) => error);
console.log(JSON.stringify({ rows: Array.from(table, (row) => row.n), message: failed.message }));
`;

const CLIENTS = `
import { availableClients, clientInfo, Stream } from 'millrace';
const where = { brokers: '127.0.0.1:1', retries: 0, topic: 'any', until: 'latest' };
const stream = Stream.fromKafka({ ...where, schema: { id: 'int64' } });
const tried = await stream.collect().catch((error) => error);
const versions = clientInfo().map(({ version }) => version ?? null);
console.log(JSON.stringify({ clients: availableClients(), versions, code: tried.code }));
`;

const TYPED = `
import { type RecordBatch, type Table, tableFromArrays } from 'apache-arrow';
import { col, type ErrorCode, MillraceError, type Run, type RunStats, Stream } from 'millrace';
import { EmbeddedKafka } from 'millrace/testing';
const orders = Stream.fromKafka({
  topic: 'orders',
  schema: { id: 'int64', customer: 'utf8?', items: [{ price: 'float64' }] },
}).filter(col('id').gt(1n));
export const run: Promise<Run> = orders.toKafka({ topic: 'large', compression: 'zstd' }).run();
export const last: Promise<RunStats> = run.then(({ closed }) => closed);
export async function rows(): Promise<[bigint, string | null] | undefined> {
  for await (const batch of orders.batches()) {
    const taken: RecordBatch = batch;
    if (taken.numRows === 0) continue;
    for (const { id, customer } of batch) return [id, customer];
  }
  const table: Table = await Stream.fromBatches(tableFromArrays({ n: [1, 2] })).collect();
  console.log(table.numRows);
  // @ts-expect-error: rows have the types that the schema says
  console.log((await orders.collect()).get(0)?.customer.length);
  return undefined;
}
export const code: ErrorCode = new MillraceError('no', { code: 'INTERNAL' }).code;
export const kafka: Promise<EmbeddedKafka> = EmbeddedKafka.start({ brokers: 3 });
// @ts-expect-error: the types are really there, so that what is wrong does not compile
export const wrong: Promise<EmbeddedKafka> = EmbeddedKafka.start({ brokers: 2 });
`;

let folder: string;
let consumer: string;
let tarball: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-pack-'));
  consumer = join(folder, 'consumer');
  await run('npm', ['pack', '--pack-destination', folder], { cwd: root });
  const packed = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
  tarball = join(folder, packed ?? 'no tarball');
  await mkdir(consumer);
  await writeFile(join(consumer, 'package.json'), '{ "private": true, "type": "module" }');
  const options = ['--prefer-offline', '--no-audit', '--no-fund'];
  await run('npm', ['install', ...options, tarball], { cwd: consumer });
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

test('the package holds what a user needs and nothing else', async () => {
  const { stdout } = await run('tar', ['-tzf', tarball]);
  const files = stdout
    .trim()
    .split('\n')
    .map((path) => path.replace(/^package\//, ''));
  const needed = [
    ...['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'],
    ...['dist/millrace.wasm', 'dist/testing/pom.xml', 'dist/testing/watchdog.js'],
    ...['dist/index.js', 'dist/index.d.ts', 'dist/testing/index.js', 'dist/testing/index.d.ts'],
    'dist/cli/main.js',
  ];
  expect(needed.filter((path) => !files.includes(path))).toEqual([]);
  const others = files.filter((path) => !needed.includes(path));
  // Each of the rest was made from a source that is there.
  const stray = others.filter((path) => {
    const source = path.replace(/^dist\//, 'src/').replace(/(\.d\.ts|\.js)$/, '.ts');
    return !/^dist\/.*(\.js|\.d\.ts)$/.test(path) || !existsSync(join(root, source));
  });
  expect(stray).toEqual([]);
  expect(files.filter((path) => /(^|\/)(test|tools|bench|wasm)\/|\.(cpp|h)$/.test(path))).toEqual(
    files.filter((path) => path.startsWith('dist/wasm/')),
  );
  expect(readFileSync(tarball).length).toBeLessThan(PACKED_MAX_BYTES);
});

test('a script runs against the installed package', async () => {
  await writeFile(join(consumer, 'script.js'), SCRIPT);
  // Without the options that the tests' own process was started with.
  const env = { PATH: process.env.PATH };
  const { stdout } = await run(process.execPath, ['script.js'], { cwd: consumer, env });
  expect(JSON.parse(stdout)).toMatchObject({
    exports: expect.arrayContaining(['MillraceError', 'ERROR_CODES']),
    refused: 'INVALID_OPTION',
  });
});

test('a pipeline runs on the worker threads of the installed package', async () => {
  await writeFile(join(consumer, 'pipeline.js'), PIPELINE);
  const env = { PATH: process.env.PATH };
  const { stdout, stderr } = await run(process.execPath, ['pipeline.js'], { cwd: consumer, env });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual(Array.from({ length: 100 }, (_, i) => 2 * (i * 1000 + 7)));
});

test('functions of the project run in the workers of the installed package', async () => {
  await writeFile(join(consumer, 'next.js'), FUNCTION);
  await writeFile(join(consumer, 'twice.ts'), TYPED_FUNCTION);
  await writeFile(join(consumer, 'functions.js'), FUNCTIONS);
  const env = { PATH: process.env.PATH };
  const { stdout, stderr } = await run(process.execPath, ['functions.js'], { cwd: consumer, env });
  expect(stderr).toBe('');
  const { rows, message } = JSON.parse(stdout);
  expect(rows).toEqual([6, 8]);
  expect(message).toContain("did you mean 'next'?");
});

test('the command runs from the installed package', async () => {
  const command = join(consumer, 'node_modules', '.bin', 'millrace');
  const { stdout } = await run(process.execPath, [command, '--version'], { cwd: consumer });
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(stdout.trim()).toBe(version);
  // As a user calls it, on the Node that runs the tests.
  const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
  const help = await run('npx', ['--no-install', 'millrace', '--help'], { cwd: consumer, env });
  expect(help.stdout).toMatch(/^Usage: millrace <command>/m);
});

test('its types work in a strict project', async () => {
  await writeFile(join(consumer, 'typed.ts'), TYPED);
  const options = {
    compilerOptions: {
      ...{ strict: true, noEmit: true, module: 'nodenext', target: 'es2024', skipLibCheck: false },
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      ...{ lib: ['es2024', 'esnext.disposable'], types: ['node'] },
      typeRoots: [join(root, 'node_modules', '@types')],
    },
    files: ['typed.ts'],
  };
  await writeFile(join(consumer, 'tsconfig.json'), JSON.stringify(options));
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const result = await run(process.execPath, [compiler, '-p', consumer]).catch((error) => error);
  expect(result.stdout).toBe('');
});

test('one client comes with it, the other can be added, and each is enough', async () => {
  const modules = join(consumer, 'node_modules');
  const platformatic = join(modules, '@platformatic', 'kafka');
  const kafkajs = join(modules, 'kafkajs');
  const manifest = (folder: string) =>
    JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  await writeFile(join(consumer, 'clients.js'), CLIENTS);
  const env = { PATH: process.env.PATH };
  const found = async () => {
    const { stdout, stderr } = await run(process.execPath, ['clients.js'], { cwd: consumer, env });
    return { stderr, ...JSON.parse(stdout) };
  };
  expect([existsSync(platformatic), existsSync(kafkajs)]).toEqual([true, false]);
  const { version } = manifest(platformatic);
  const code = 'BROKER_UNREACHABLE';
  const alone = { clients: ['platformatic'], versions: [version, null], code, stderr: '' };
  expect(await found()).toEqual(alone);
  const options = ['--prefer-offline', '--no-audit', '--no-fund'];
  await run('npm', ['install', ...options, 'kafkajs@2.2.4'], { cwd: consumer });
  expect(manifest(kafkajs).version).toBe('2.2.4');
  const both = { ...alone, clients: ['platformatic', 'kafkajs'], versions: [version, '2.2.4'] };
  expect(await found()).toEqual(both);
  await rm(platformatic, { recursive: true });
  expect(await found()).toEqual({
    ...{ clients: ['kafkajs'], versions: [null, '2.2.4'], code },
    stderr: expect.stringMatching(/^Using kafkajs 2\.2\.4: @platformatic\/kafka is not installed/),
  });
});
