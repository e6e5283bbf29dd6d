import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Guard, killed } from '../../src/testing/guard.ts';
import { isRunning } from './is-running.ts';

const GONE_MAX_MS = 15_000;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-guard-'));
  await writeFile(join(folder, 'data'), 'x');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function sleeper() {
  return spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
}

test('release() ends the children and removes the folder, twice as well as once', async () => {
  const guard = new Guard(folder);
  const child = sleeper();
  guard.add(child);
  await guard.release();
  expect(child.signalCode).toBe('SIGKILL');
  expect(existsSync(folder)).toBe(false);
  await guard.release();
});

test('a child that ended is not killed again', async () => {
  const guard = new Guard(folder);
  const child = sleeper();
  guard.add(child);
  await killed(child);
  await killed(child);
  await guard.release();
  expect(existsSync(folder)).toBe(false);
});

test('children and folder go when the process is killed', async () => {
  const guardModule = new URL('../../src/testing/guard.ts', import.meta.url);
  const script = `
    import { spawn } from 'node:child_process';
    import { Guard } from ${JSON.stringify(guardModule)};
    const guard = new Guard(${JSON.stringify(folder)});
    const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
    guard.add(child);
    console.log(child.pid);
  `;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: parent.stdout }), 'line');
  const pid = Number(line);
  expect(isRunning(pid)).toBe(true);
  parent.kill('SIGKILL');
  const deadline = Date.now() + GONE_MAX_MS;
  while ((isRunning(pid) || existsSync(folder)) && Date.now() < deadline) await delay(20);
  expect(isRunning(pid)).toBe(false);
  expect(existsSync(folder)).toBe(false);
});

test('a guard keeps no process alive', async () => {
  const guardModule = new URL('../../src/testing/guard.ts', import.meta.url);
  const script = `
    import { Guard } from ${JSON.stringify(guardModule)};
    new Guard(${JSON.stringify(folder)});
  `;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: 'inherit',
  });
  expect(await once(parent, 'exit')).toEqual([0, null]);
});
