/** Properties files against java.util.Properties, which says what they are. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseProperties } from '../../src/config/properties.ts';
import { findJava } from '../../src/testing/java.ts';
import { Random, SEED } from '../operators/random.ts';

const run = promisify(execFile);
const TEXTS = 3_000;
const CHARACTERS = [
  ...['a', 'b', 'é', '日', '=', ':', '#', '!', ' ', '\t', '\f'],
  ...['\n', '\n', '\r\n', '\r', '\\', '\\', '\\', '\\\n', '\\\r\n', '\\u0041', '\\u00e9', '\\u12'],
  ...['\\t', '\\n', '\\ ', '\\=', 'name', ' = ', 'value'],
];

/** Reads texts apart by NUL, prints of each its sorted pairs, or that it is none. */
const WITNESS = `
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
public class Witness {
  public static void main(String[] args) throws Exception {
    String all = new String(Files.readAllBytes(Path.of(args[0])), StandardCharsets.UTF_8);
    PrintStream out = new PrintStream(System.out, false, "UTF-8");
    Base64.Encoder base64 = Base64.getEncoder();
    for (String text : all.split("\\0", -1)) {
      Properties properties = new Properties();
      try { properties.load(new StringReader(text)); }
      catch (IllegalArgumentException e) { out.println("none"); continue; }
      StringBuilder line = new StringBuilder("pairs");
      for (String name : new TreeSet<>(properties.stringPropertyNames())) {
        for (String part : List.of(name, properties.getProperty(name))) {
          line.append(' ').append(base64.encodeToString(part.getBytes(StandardCharsets.UTF_16BE)));
        }
      }
      out.println(line);
    }
    out.flush();
  }
}`;

const java = await findJava();
const modules = await run(java.command, ['--list-modules']);
// A runtime without the compiler cannot run a source file.
const hasCompiler = /^jdk\.compiler/m.test(modules.stdout);

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-properties-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function ours(text: string): string {
  let found: Map<string, string>;
  try {
    found = new Map(parseProperties(text).map(([name, value]) => [name, value]));
  } catch {
    return 'none';
  }
  const names = [...found.keys()].sort((one, other) => (one < other ? -1 : 1));
  const parts = names.flatMap((name) => [name, found.get(name)!]);
  const encoded = parts.map((part) => Buffer.from(part, 'utf16le').swap16().toString('base64'));
  return ['pairs', ...encoded].join(' ');
}

test.skipIf(!hasCompiler)('random texts are read as java.util.Properties reads them', async () => {
  const random = new Random(SEED);
  const texts = Array.from({ length: TEXTS }, () => {
    const length = random.below(30);
    const text = Array.from({ length }, () => random.pick(CHARACTERS)).join('');
    // A line of nothing but a backslash is one with an empty name in Java where the text ends there
    // with one character, but not with two.
    return /\\[\r\n]+$/.test(text) ? `${text}end` : text;
  });
  await writeFile(join(folder, 'Witness.java'), WITNESS);
  await writeFile(join(folder, 'texts'), texts.join('\0'));
  const args = [join(folder, 'Witness.java'), join(folder, 'texts')];
  const { stdout } = await run(java.command, args, { maxBuffer: 64 * 1024 * 1024 });
  const theirs = stdout.replace(/\r?\n$/, '').split(/\r?\n/);
  expect(theirs).toHaveLength(TEXTS);
  const wrong = texts.flatMap((text, i) => {
    const [got, expected] = [ours(text), theirs[i]];
    return got === expected ? [] : [{ text: JSON.stringify(text), got, expected }];
  });
  expect(wrong.slice(0, 3), `seed ${SEED}`).toEqual([]);
  expect(theirs.filter((line) => line === 'none').length).toBeGreaterThan(10);
  expect(theirs.filter((line) => line.split(' ').length > 3).length).toBeGreaterThan(500);
});
