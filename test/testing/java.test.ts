import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findJava, findMaven } from '../../src/testing/java.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-java-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Puts a program named `name` into the folder that prints `line` as Java does, to stderr. */
async function program(name: string, line: string, status = 0): Promise<void> {
  const file = join(folder, name);
  await writeFile(file, `#!/bin/sh\necho '${line}' >&2\nexit ${status}\n`);
  await chmod(file, 0o755);
}

const waysOut =
  /install Java 17 or newer and Maven[\s\S]*set KAFKA_BROKERS[\s\S]*docker run .*apache\/kafka/;

describe('findJava', () => {
  test.for([
    ['openjdk version "17.0.15" 2025-04-15', 17, '17.0.15'],
    ['java version "21" 2023-09-19 LTS', 21, '21'],
    ['openjdk version "25-ea" 2025-09-16', 25, '25-ea'],
  ] as const)('reads %s', async ([line, major, version]) => {
    await program('java', line);
    expect(await findJava({ PATH: folder })).toEqual({ command: 'java', major, version });
  });

  test.for([
    'java version "1.8.0_292"',
    'openjdk version "11.0.2" 2019-01-15',
    'not a version at all',
  ])('refuses %s with both ways out', async (line) => {
    await program('java', line);
    await expect(findJava({ PATH: folder })).rejects.toMatchObject({
      code: 'MISSING_DEPENDENCY',
      message: expect.stringMatching(waysOut),
    });
  });

  test('names the version that is too old', async () => {
    await program('java', 'java version "1.8.0_292"');
    await expect(findJava({ PATH: folder })).rejects.toThrow(/Java 1\.8\.0_292, which is too old/);
  });

  test('says that there is none', async () => {
    await expect(findJava({ PATH: folder })).rejects.toMatchObject({
      code: 'MISSING_DEPENDENCY',
      message: expect.stringMatching(/Java was not found/),
    });
  });

  test('prefers JAVA_HOME', async () => {
    await expect(findJava({ PATH: folder, JAVA_HOME: '/nowhere' })).rejects.toThrow(
      /tried `\/nowhere\/bin\/java`/,
    );
  });
});

describe('findMaven', () => {
  test('finds one that runs', async () => {
    await program('mvn', 'Apache Maven 3.8.7');
    expect(await findMaven({ PATH: folder })).toBe('mvn');
  });

  test('says that there is none, with both ways out', async () => {
    await expect(findMaven({ PATH: folder })).rejects.toMatchObject({
      code: 'MISSING_DEPENDENCY',
      message: expect.stringMatching(/Maven was not found/),
    });
    await expect(findMaven({ PATH: folder })).rejects.toThrow(waysOut);
  });

  test('refuses one that fails', async () => {
    await program('mvn', 'JAVA_HOME is not defined correctly', 1);
    await expect(findMaven({ PATH: folder })).rejects.toThrow(/Maven was not found/);
  });
});
