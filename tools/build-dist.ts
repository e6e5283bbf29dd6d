/**
 * Makes `dist/`, what the npm package holds: JavaScript and types from `src/`, the WebAssembly
 * module, and the files that the sources read at run time. Needs `npm run build` first.
 *
 *   node tools/build-dist.ts
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const typescript = createRequire(import.meta.url).resolve('typescript/package.json');

rmSync(dist, { recursive: true, force: true });
const compiler = join(dirname(typescript), 'bin', 'tsc');
const compiled = spawnSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.build.json')], {
  cwd: root,
  // npm's own output, such as `npm pack --json`, must stay readable.
  stdio: ['ignore', process.stderr, 'inherit'],
});
if (compiled.status !== 0) process.exit(compiled.status ?? 1);
// The compiler rewrites `./x.ts` in what runs but not in the types, where a reader would look for
// sources that are not there.
for (const file of globSync('**/*.d.ts', { cwd: dist })) {
  const path = join(dist, file);
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replaceAll(/(['"]\.{1,2}\/[^'"]*)\.ts(['"])/g, '$1.js$2'));
}
copyFileSync(join(root, 'build', 'millrace.wasm'), join(dist, 'millrace.wasm'));
copyFileSync(join(root, 'src/testing/pom.xml'), join(dist, 'testing/pom.xml'));
chmodSync(join(dist, 'cli', 'main.js'), 0o755);
