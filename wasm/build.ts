/**
 * Builds `build/millrace.wasm` from the C++ sources beside this file, with tools from npm alone.
 *
 * Each source becomes an object that is cached under a hash of its own text, every header, the
 * compiler and the flags, so that a change compiles one file and an unchanged tree compiles none.
 *
 *   node wasm/build.ts [--force]
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sourceFolder = join(root, 'wasm');
const buildFolder = join(root, 'build');
const objectFolder = join(buildFolder, 'objects');
const outputFile = join(buildFolder, 'millrace.wasm');
const require = createRequire(import.meta.url);
const simdjsonFolder = join(dirname(require.resolve('@nozbe/simdjson/package.json')), 'src');

const compileFlags = [
  '-O3',
  '-std=c++20',
  '-fno-exceptions',
  '-fno-rtti',
  '-fno-math-errno',
  '-DNDEBUG',
  '-DSIMDJSON_EXCEPTIONS=0',
  // simdjson's westmere kernel, on WebAssembly's 128-bit vectors through shim/x86intrin.h.
  '-DSIMDJSON_IS_X86_64=1',
  '-DSIMDJSON_IMPLEMENTATION_WESTMERE=1',
  '-DSIMDJSON_IMPLEMENTATION_FALLBACK=0',
  '-DSIMDJSON_IMPLEMENTATION_HASWELL=0',
  '-DSIMDJSON_IMPLEMENTATION_ICELAKE=0',
  '-D__SSE4_2__=1',
  '-D__PCLMUL__=1',
  '-msimd128',
  '-mbulk-memory',
  '-msign-ext',
  '-mnontrapping-fptoint',
  '-matomics',
  '-isystem',
  'shim',
  '-isystem',
  'simdjson',
];
const warningFlags = ['-Wall', '-Wextra', '-Werror', '-Wno-unused-function'];
const linkFlags = [
  '-mexec-model=reactor',
  '-Wl,--import-memory',
  '-Wl,--shared-memory',
  // The libraries are built without atomics; one thread per memory makes that safe.
  '-Wl,--no-check-features',
  '-Wl,--max-memory=2147483648',
  '-Wl,--gc-sections',
  '-Wl,--strip-all',
  '-Wl,-z,stack-size=1048576',
];

type Files = { [name: string]: string | Uint8Array | Files };
type RunClang = (
  args: string[],
  files: Files,
  options: {
    stdout: (bytes: Uint8Array | null) => void;
    stderr: (bytes: Uint8Array | null) => void;
  },
) => Promise<Record<string, Uint8Array>>;

const isHeader = (name: string) => name.endsWith('.h');
const isSource = (name: string) => name.endsWith('.cpp');

function readFolder(folder: string, wanted: (name: string) => boolean): Record<string, string> {
  const names = readdirSync(folder).filter(wanted).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

function hash(...parts: string[]): string {
  const digest = createHash('sha256');
  for (const part of parts) digest.update(part).update('\0');
  return digest.digest('hex').slice(0, 24);
}

let clang: RunClang | undefined;

async function runClang(args: string[], files: Files): Promise<Record<string, Uint8Array>> {
  clang ??= ((await import('@yowasp/clang')) as unknown as { runClang: RunClang }).runClang;
  const print = (bytes: Uint8Array | null) => void (bytes && process.stderr.write(bytes));
  try {
    return await clang(args, files, { stdout: print, stderr: print });
  } catch (error) {
    throw new Error(`the WebAssembly build failed: clang ${args.join(' ')}`, { cause: error });
  }
}

function writeAtomically(file: string, bytes: Uint8Array | string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.${process.pid}`, bytes);
  renameSync(`${file}.${process.pid}`, file);
}

async function compile(
  name: string,
  text: string,
  key: string,
  headers: Files,
  flags: readonly string[],
): Promise<Uint8Array> {
  const objectFile = join(objectFolder, `${basename(name, '.cpp')}-${key}.o`);
  if (existsSync(objectFile)) return readFileSync(objectFile);
  console.log(`wasm: compiling ${name}`);
  const files = { ...headers, [name]: text };
  const output = await runClang(['clang++', ...flags, '-c', name, '-o', 'out.o'], files);
  const object = output['out.o'];
  if (object === undefined) throw new Error(`clang wrote no object for ${name}`);
  for (const old of existsSync(objectFolder) ? readdirSync(objectFolder) : []) {
    if (old.startsWith(`${basename(name, '.cpp')}-`)) rmSync(join(objectFolder, old));
  }
  writeAtomically(objectFile, object);
  return object;
}

/** Builds what is out of date; returns the path of the module. */
export async function build(force = false): Promise<string> {
  const headers = readFolder(sourceFolder, isHeader);
  const shim = readFolder(join(sourceFolder, 'shim'), isHeader);
  const sources = readFolder(sourceFolder, isSource);
  const simdjson = readFolder(simdjsonFolder, (name) => /^simdjson\.(h|cpp)$/.test(name));
  // The lock file pins the compiler; its package.json is not among its exports.
  const compiler = readFileSync(join(root, 'node_modules/@yowasp/clang/package.json'), 'utf8');
  const tools = hash(compiler, ...compileFlags, ...warningFlags, ...linkFlags);
  const outside = hash(tools, ...Object.values(shim), ...Object.values(simdjson));
  const inside = hash(outside, ...Object.entries(headers).flat());
  const whole = hash(inside, ...Object.entries(sources).flat());
  const stampFile = `${outputFile}.hash`;
  const stamp = existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : '';
  if (!force && existsSync(outputFile) && stamp === whole) return outputFile;

  const started = performance.now();
  if (force) rmSync(objectFolder, { recursive: true, force: true });
  console.log('wasm: building build/millrace.wasm (once; cached by a hash of the sources)');
  const objects: Files = {};
  const simdjsonText = simdjson['simdjson.cpp'] ?? '';
  const externals: Files = { shim, simdjson };
  objects['simdjson.o'] = await compile('simdjson.cpp', simdjsonText, outside, externals, [
    ...compileFlags,
    '-w',
  ]);
  for (const [name, text] of Object.entries(sources)) {
    const flags = [...compileFlags, ...warningFlags];
    const files = { ...externals, ...headers };
    objects[name.replace('.cpp', '.o')] = await compile(
      name,
      text,
      hash(inside, text),
      files,
      flags,
    );
  }
  const names = Object.keys(objects);
  const linked = await runClang(['clang++', ...linkFlags, ...names, '-o', 'out.wasm'], objects);
  const module = linked['out.wasm'];
  if (module === undefined) throw new Error('the linker wrote no module');
  writeAtomically(outputFile, module);
  writeAtomically(stampFile, whole);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`wasm: ${(module.length / 1024).toFixed(0)} KiB in ${seconds} s`);
  return outputFile;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build(process.argv.includes('--force'));
}
