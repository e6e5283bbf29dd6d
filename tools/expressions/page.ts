/** The page of expressions, made of the definitions of operators and functions. */
import { readFileSync } from 'node:fs';
import * as millrace from '../../src/index.ts';
import type {
  FunctionDefinition,
  FunctionExample,
  FunctionGroup,
} from '../../src/operators/functions/definition.ts';
import { OPERATORS, type OperatorDefinition } from '../../src/operators/functions/operators.ts';
import { FUNCTIONS } from '../../src/operators/functions/registry.ts';
import { castMatrix } from './cast-matrix.ts';
import { toSql } from './to-sql.ts';

const CHAPTERS: Readonly<Record<FunctionGroup, string>> = {
  choice: 'Choices',
  cast: 'Casts',
  math: 'Numbers',
  bits: 'Bits',
  hash: 'Hashes',
  text: 'Texts',
  time: 'Dates and times',
  nested: 'Lists, maps, structs',
  json: 'JSON',
  metadata: 'Metadata',
};

const ROWS_OF_LISTS =
  "A row for each item is made by steps of the stream, not by an expression: `.unnest('items')` " +
  'and `.flatMap({ item: list })`, see [more rows, or fewer](stream-api.md#more-rows-or-fewer).';

const introduction = readFileSync(new URL('introduction.md', import.meta.url), 'utf8');

/** The expression of an example's code, with everything that `millrace` exports in scope. */
export function expressionOf({ code }: Pick<FunctionExample, 'code'>): millrace.Expr {
  const names = Object.keys(millrace);
  return new Function(...names, `return ${code}`)(...Object.values(millrace)) as millrace.Expr;
}

/** The page. */
export function expressionsPage(): string {
  const chapters = [
    ...OPERATORS.map(({ title, operators }) => [title, operators] as const),
    ...Object.entries(CHAPTERS).map(
      ([group, title]) => [title, FUNCTIONS.filter((one) => one.group === group)] as const,
    ),
  ].filter(([, entries]) => entries.length > 0);
  const contents = chapters.map(([title, entries]) => {
    const names = entries.map(({ name }) => `\`${shown(name)}\``);
    return `- [${title}](#${anchor(title)}): ${[...new Set(names)].join(' ')}`;
  });
  return [
    introduction.trim(),
    contents.join('\n'),
    ...chapters.flatMap(([title, entries]) => [
      `## ${title}`,
      ...(title === CHAPTERS.nested ? [ROWS_OF_LISTS] : []),
      ...entries.map(entryText),
      ...(title === CHAPTERS.cast ? [castMatrix()] : []),
    ]),
  ]
    .join('\n\n')
    .concat('\n');
}

// Methods have the names of definitions; `when` begins what makes a `case`.
function shown(name: string): string {
  return name === 'case' ? 'when' : name;
}

function anchor(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^a-z ]/g, '')
    .replaceAll(' ', '-');
}

function entryText(entry: FunctionDefinition | OperatorDefinition): string {
  const types = entry.types.replaceAll('->', '→');
  const examples = entry.examples.map(exampleText);
  return [
    `### \`${entry.usage}\``,
    `${types}`,
    entry.summary,
    ...(examples.length === 0 ? [] : [examples.join('\n\n')]),
  ].join('\n\n');
}

function exampleText(example: FunctionExample): string {
  const row = typeof example.row === 'string' ? example.row : JSON.stringify(example.row);
  const sql = sqlOf(example);
  return [
    '```text',
    row,
    ...(example.headers === undefined ? [] : [`headers ${JSON.stringify(example.headers)}`]),
    `${example.code}`,
    `→ ${example.gives}`,
    ...(sql === undefined ? [] : [`SQL: ${sql}`]),
    '```',
  ].join('\n');
}

function sqlOf(example: FunctionExample): string | undefined {
  try {
    return toSql(expressionOf(example).node);
  } catch {
    // DuckDB has nothing alike.
    return undefined;
  }
}
