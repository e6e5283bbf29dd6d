import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const manifest = new URL('../../package.json', import.meta.url);

function millrace(...args: string[]) {
  return run(process.execPath, [main, ...args]);
}

test('--version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
  expect((await millrace('--version')).stdout).toBe(`${version}\n`);
});

test('--help shows how to call it', async () => {
  const { stdout } = await millrace('--help');
  expect(stdout).toMatch(/^Usage: millrace <command> \[options\]$/m);
});

test('without a command it shows the same and fails', async () => {
  await expect(millrace()).rejects.toMatchObject({
    code: 2,
    stdout: expect.stringContaining('Usage: millrace'),
  });
});

test('an unknown command is named', async () => {
  await expect(millrace('strat')).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/there is no command "strat"[\s\S]*Usage: millrace/),
  });
});

test.each([
  [['--broker', 'localhost:1'], 'millrace schema has no option --broker; did you mean --brokers?'],
  [['--out', '/no/such/folder/x.ts'], '--out /no/such/folder/x.ts cannot be written: ENOENT'],
])('millrace schema orders %j is refused before anything is read', async (args, words) => {
  // Where nobody listens: what comes after would be another error.
  const all = ['schema', 'orders', '--brokers', 'localhost:1', ...args];
  const stderr = expect.stringContaining(words);
  await expect(millrace(...all)).rejects.toMatchObject({ code: 2, stdout: '', stderr });
});

test('a port where nobody listens is told soon, and given up', async () => {
  const begun = performance.now();
  const stderr = expect.stringMatching(
    /^waiting for localhost:1 …\nmillrace: None of the brokers.*: connect ECONNREFUSED [\d.:]+\. C/,
  );
  const failed = expect.objectContaining({ code: 1, stdout: '', stderr });
  await expect(millrace('schema', 'orders', '--brokers', 'localhost:1')).rejects.toEqual(failed);
  // The time of ten retries would be half a minute.
  expect(performance.now() - begun).toBeLessThan(25_000);
}, 60_000);
