/**
 * What the compiler says of mistakes: the reason, and not one that is none. Of several signatures
 * that all fail it tells the reason of the last, so that of JSON has to be the last.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../house/source-tree.ts';

// Each on a line of its own, behind the import.
const MISTAKES: readonly (readonly [code: string, says: string])[] = [
  [`Stream.fromKafka({ topic: 'x', schema: { id: 'int' } });`, `Did you mean '"int8"'`],
  [`Stream.fromKafka({ topic: 'x', schema: { id: 'string' } });`, `'"string"' is not assignable`],
  [`Stream.fromKafka({ topic: 'x', groupID: 'g', schema: { id: 'int32' } });`, `write 'groupId'`],
  [`Stream.fromKafka({ topic: 'x', schema: { ...unfrozen } });`, `'id' is incompatible`],
  [`Stream.fromKafka({ topic: 'x' });`, `Property 'schema' is missing`],
];

let folder: string;
let output: string;

beforeAll(async () => {
  folder = await mkdtemp(join(root, 'build', 'types-'));
  const code = MISTAKES.map(([line]) => line);
  const imports = `import { Stream } from '${join(root, 'src/index.ts')}';
declare const unfrozen: { id: string };`;
  await writeFile(join(folder, 'mistakes.ts'), [imports, ...code].join('\n'));
  const config = {
    extends: join(root, 'tsconfig.json'),
    include: [],
    files: ['mistakes.ts', join(root, 'src/wasm/webassembly.d.ts')],
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  output = await compile(folder);
}, 240_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(MISTAKES)('%s', (code, says) => {
  const line = MISTAKES.findIndex(([other]) => other === code) + 3;
  const [, at = ''] = output.split(new RegExp(`^.*mistakes\\.ts\\(${line},`, 'm'));
  const [message] = at.split(/^\S*mistakes\.ts/m);
  expect(message).toContain(says);
  expect(message).not.toContain('BytesSourceOptions');
});

function compile(project: string): Promise<string> {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  return new Promise((resolve) => {
    execFile(process.execPath, [tsc, '-p', project], (_, stdout) => resolve(stdout));
  });
}
