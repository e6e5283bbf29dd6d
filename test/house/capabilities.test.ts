import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './source-tree.ts';

const PAGE = 'docs/capabilities.md';
const ID = /\bS[0-4]-\d{1,3}\b/;

const page = readFileSync(join(root, PAGE), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| S'))
  .map((line) => {
    const [id, promise, mark, status, api, shown, ...rest] = line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
    expect(rest, line).toEqual([]);
    return { id: id!, promise: promise!, mark: mark!, status: status!, api: api!, shown: shown! };
  });
const working = rows.filter(({ status }) => status === 'works');

test('every row has an id of its own, a promise, a mark and a status', () => {
  expect(rows.length).toBeGreaterThan(400);
  expect(rows.filter(({ id }) => !new RegExp(`^${ID.source}$`).test(id))).toEqual([]);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  expect(rows.filter(({ promise }) => promise === '')).toEqual([]);
  expect(rows.filter(({ mark }) => !['core', 'expected'].includes(mark))).toEqual([]);
  expect(rows.filter(({ status }) => !['works', 'not yet'].includes(status))).toEqual([]);
  expect(page).toContain(`${working.length} of ${rows.length} so far`);
});

test('what works has an API, and a test that is there', () => {
  const wrong = working.filter(({ api, shown }) => {
    // Several tests where one does not show it all.
    const tests = shown.split(/(?<="); (?=\[)/);
    return api === '' || !tests.every(isTest);
  });
  expect(wrong).toEqual([]);
});

test('what does not work names no test', () => {
  expect(rows.filter(({ status, shown }) => status === 'not yet' && shown !== '')).toEqual([]);
});

test('ids are nowhere else', () => {
  const options = ['ls-files', '--cached', '--others', '--exclude-standard'];
  const files = execFileSync('git', options, { cwd: root, encoding: 'utf8' }).trim().split('\n');
  const own = [PAGE, 'package-lock.json'];
  const texts = files.filter(
    (path) => !own.includes(path) && /\.(ts|md|json|h|cpp|xml)$/.test(path),
  );
  expect(texts.length).toBeGreaterThan(200);
  expect(texts.filter((path) => ID.test(readOrEmpty(path)))).toEqual([]);
});

/** Whether `[file](../file): "name"` is a test that is there. */
function isTest(text: string): boolean {
  const [, file, link, name] = /^\[(\S+)\]\(\.\.\/(\S+)\): "([^"]+)"$/.exec(text) ?? [];
  if (file === undefined || file !== link || !/\.test\.ts$/.test(file)) return false;
  // A name that is all placeholder is that of any table of tests.
  const said = name!.replaceAll(/%\w/g, '');
  return /\w{3}/.test(said) && isName(readFileSync(join(root, file), 'utf8'), name!);
}

// In quotes, or behind an opening one where the name goes on.
function isName(text: string, name: string): boolean {
  const literals = text.match(/(['`])(?:(?!\1)[^\\\n]|\\.)+\1/g) ?? [];
  return literals.some((literal) => literal.includes(name));
}

// A file that is still in the index may be gone from the folder.
function readOrEmpty(path: string): string {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return '';
  }
}
