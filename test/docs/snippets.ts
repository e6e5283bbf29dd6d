import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../house/source-tree.ts';

/** A block of TypeScript in a page of documentation. */
export interface Snippet {
  /** `README.md:8`: the page and the line where the code begins. */
  readonly at: string;
  /** `README.md#1`: the page and which of its blocks it is, from 1. */
  readonly name: string;
  readonly code: string;
}

/** What a program printed, and how it ended. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * What stands before a block that is a part of a program, by the block's name. Every other block
 * must be a whole program.
 */
export const PREAMBLES: Readonly<Record<string, string>> = {
  'docs/errors.md#1': `
import { MillraceError, Stream } from 'millrace';
const run = await Stream.fromKafka({ topic: 'orders', until: 'latest', schema: { id: 'int64' } })
  .forEach(() => undefined)
  .run();
`,
};

/** Blocks that are modules which others name, by the block's name: the file that they are. */
export const MODULES: Readonly<Record<string, string>> = {
  'docs/functions.md#1': 'risk.ts',
};

/** Every block of TypeScript in README.md and in docs/, in order. */
export function snippets(): Snippet[] {
  const pages = ['README.md', ...globSync('docs/*.md', { cwd: root }).sort()];
  return pages.flatMap((page) => {
    const text = readFileSync(join(root, page), 'utf8');
    return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match, index) => ({
      at: `${page}:${text.slice(0, match.index).split('\n').length + 1}`,
      name: `${page}#${index + 1}`,
      code: match[1] ?? '',
    }));
  });
}

/** Whether a block talks to a broker. */
export function needsKafka({ name, code }: Snippet): boolean {
  return /\b(fromKafka|toKafka|KafkaSource|KafkaSink|EmbeddedKafka)\b/.test(
    (PREAMBLES[name] ?? '') + code,
  );
}

/** The block as a whole program that imports the sources in place of the installed package. */
export function program({ name, code }: Snippet): string {
  const entry = (path: string) => `'${pathToFileURL(join(root, path)).href}'`;
  return ((PREAMBLES[name] ?? '') + code)
    .replaceAll("'millrace'", entry('src/index.ts'))
    .replaceAll("'millrace/testing'", entry('src/testing/index.ts'));
}

/** Writes programs to a folder in the repository, so that packages are found; call for its end. */
export async function writePrograms(programs: Readonly<Record<string, string>>) {
  await mkdir(join(root, 'build'), { recursive: true });
  const folder = await mkdtemp(join(root, 'build', 'snippets-'));
  for (const [name, text] of Object.entries(programs)) await writeFile(join(folder, name), text);
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** A program that runs in a process of its own. */
export function startProgram(path: string, args: string[] = [], env: Record<string, string> = {}) {
  // Without the options that the tests' own process was started with.
  const child = spawn(process.execPath, [path, ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: '1', ...env },
  });
  const out = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => (out.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (out.stderr += text));
  const ended = once(child, 'close').then(([code]): Outcome => ({ code, ...out }));
  return { child, ended };
}

/** Runs a program to its end. */
export function runProgram(path: string, args?: string[], env?: Record<string, string>) {
  return startProgram(path, args, env).ended;
}
