/** The command `millrace start`, as a user runs it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { sharedBrokers } from './cluster.ts';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

function start(...args: string[]) {
  return startIn(process.env, ...args);
}

function startIn(env: NodeJS.ProcessEnv, ...args: string[]) {
  const child = spawn(
    process.execPath,
    [main, 'start', '--brokers', sharedBrokers().join(','), ...args],
    { stdio: ['ignore', 'pipe', 'pipe'], env },
  );
  return { child, stdout: text(child.stdout) };
}

/** Settles when the command has said `words`; rejects when it ends without. */
function saying(child: ChildProcess, words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr!.on('data', (chunk) => {
      said += String(chunk);
      if (said.includes(words)) resolve();
    });
    child.once('close', () => reject(new Error(`it never said "${words}", but: ${said}`)));
  });
}

describe('millrace start', () => {
  it.each(['none', 'lz4'])('verifies its own result with compression %s', async (compression) => {
    const args = ['--messages', '30000', '--partitions', '3', '--compression', compression];
    const { child, stdout } = start(...args);
    const said = text(child.stderr!);
    const [status] = await once(child, 'close');
    expect(status, await said).toBe(0);
    const last = (await stdout).trim().split('\n').at(-1)!;
    expect(JSON.parse(last)).toMatchObject({
      messagesIn: 30_000,
      verified: true,
      compression,
      partitions: 3,
      reader: 'kafka-console-consumer',
    });
    const { messagesOut, verifiedMessages, seconds, messagesPerSecond } = JSON.parse(last);
    expect(verifiedMessages).toBe(messagesOut);
    // The seconds are rounded to milliseconds, the rate is not made from those.
    expect(Math.abs(messagesPerSecond - 30_000 / seconds)).toBeLessThan(1_000);
    expect(await said).toContain('filter');
    expect(await said).toContain('a sample of the output');
    expect(await said).toMatch(/^ {2}the client library is @platformatic\/kafka \d+\.\d+\.\d+$/m);
  });

  it('verifies with an independent client where there is no Java', async () => {
    const { JAVA_HOME: _java, ...env } = process.env;
    const nowhere = { ...env, PATH: '/nonexistent' };
    const { child, stdout } = startIn(nowhere, '--messages', '30000', '--partitions', '3');
    const said = text(child.stderr!);
    const [status] = await once(child, 'close');
    expect(status, await said).toBe(0);
    const { verified, reader, messagesOut, verifiedMessages } = JSON.parse(
      (await stdout).trim().split('\n').at(-1)!,
    );
    expect([verified, reader]).toEqual([true, '@platformatic/kafka Consumer']);
    expect(messagesOut).toBeGreaterThan(5_000);
    expect(verifiedMessages).toBe(messagesOut);
  });

  it('drains and stops on Ctrl-C', async () => {
    const { child, stdout } = start('--messages', '20000000');
    await saying(child, 'putting');
    const stopping = saying(child, 'stopping');
    child.kill('SIGINT');
    await stopping;
    const [status, signal] = await once(child, 'close');
    expect([status, signal]).toEqual([130, null]);
    expect(await stdout).toBe('');
  });

  it('says what is wrong with an option', async () => {
    const { child } = start('--messages', 'many');
    const said = text(child.stderr!);
    const [status] = await once(child, 'close');
    expect(await said).toContain('--messages is "many"');
    expect(status).toBe(2);
  });
});
