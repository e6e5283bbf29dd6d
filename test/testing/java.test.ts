import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findJava, findMaven } from '../../src/testing/java.ts';
import { fakeProgram } from './fake-program.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-java-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const waysOut =
  /install Java 17 or newer and Maven[\s\S]*set KAFKA_BROKERS[\s\S]*docker run .*apache\/kafka/;

describe('findJava', () => {
  test.for([
    ['openjdk version "17.0.15" 2025-04-15', 17, '17.0.15'],
    ['java version "21" 2023-09-19 LTS', 21, '21'],
    ['openjdk version "25-ea" 2025-09-16', 25, '25-ea'],
  ] as const)('reads %s', async ([line, major, version]) => {
    await fakeProgram(folder, 'java', line);
    expect(await findJava({ PATH: folder })).toEqual({ command: 'java', major, version });
  });

  test.for([
    'java version "1.8.0_292"',
    'openjdk version "11.0.2" 2019-01-15',
    'not a version at all',
  ])('refuses %s with both ways out', async (line) => {
    await fakeProgram(folder, 'java', line);
    await expect(findJava({ PATH: folder })).rejects.toMatchObject({
      code: 'MISSING_DEPENDENCY',
      message: expect.stringMatching(waysOut),
    });
  });

  test('names the version that is too old', async () => {
    await fakeProgram(folder, 'java', 'java version "1.8.0_292"');
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
    await fakeProgram(folder, 'mvn', 'Apache Maven 3.8.7');
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
    await fakeProgram(folder, 'mvn', 'JAVA_HOME is not defined correctly', 1);
    await expect(findMaven({ PATH: folder })).rejects.toThrow(/Maven was not found/);
  });
});
