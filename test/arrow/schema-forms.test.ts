import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Schema as ArrowSchema, RecordBatchReader } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { toArrowSchema } from '../../src/arrow/arrow-schema.ts';
import { fromArrowSchema } from '../../src/arrow/from-arrow-schema.ts';
import { schemaFromArrowJson } from '../../src/arrow/schema-from-arrow-json.ts';
import { map, nullable, type SchemaLiteral, toSchema } from '../../src/arrow/schema-literal.ts';
import { schemaToArrowJson } from '../../src/arrow/schema-to-arrow-json.ts';
import { schemaToLiteral, schemaToModule } from '../../src/arrow/schema-to-literal.ts';
import { schemaToTypeScript } from '../../src/arrow/schema-to-typescript.ts';
import { root } from '../house/source-tree.ts';
import { evaluateLiteral } from '../ingest/infer/evaluate-literal.ts';

const SCALARS = {
  a: 'bool',
  b: 'int8',
  c: 'int16',
  d: 'int32',
  e: 'int64?',
  f: 'uint8',
  g: 'uint16',
  h: 'uint32',
  i: 'uint64',
  j: 'float32',
  k: 'float64?',
  l: 'utf8',
  m: 'binary?',
  n: 'date',
  o: 'time',
  p: 'duration',
  q: 'dictionary',
  r: 'json',
  s: 'null',
  t: 'decimal(12,2)?',
  u: 'timestamp',
  v: 'timestamp(ms,local)',
  w: 'timestamp(ns,Europe/Berlin)?',
} as const;

const NESTED = {
  list: ['int64?'],
  lists: nullable([[nullable({ a: 'utf8' })]]),
  struct: { a: 'int64', b: { c: 'dictionary?' } },
  struct_or_null: nullable({ a: 'int64?' }),
  map: map('json?'),
  maps: nullable(map(map(['decimal(38,10)']))),
} as const;

const NAMES = {
  '7': 'int64',
  'it\'s "odd"\n\u2028': 'utf8',
  é: 'utf8',
  class: 'int64',
  ['__proto__']: { constructor: 'bool' },
} as const;

const all: [string, SchemaLiteral][] = [
  ['scalars', SCALARS],
  ['nested', NESTED],
  ['names', NAMES],
];

describe.each(all)('%s', (_, literal) => {
  const schema = toSchema(literal);

  test('as a literal are the same schema', () => {
    expect(toSchema(evaluateLiteral(schemaToLiteral(schema)))).toEqual(schema);
  });

  test("as Arrow's JSON are the same schema", () => {
    const text = JSON.stringify(schemaToArrowJson(schema));
    expect(fromArrowSchema(schemaFromArrowJson(text))).toEqual(schema);
  });

  test("Arrow's JSON is what apache-arrow reads", () => {
    const json = { ...schemaToArrowJson(schema), batches: [], dictionaries: [] };
    const reader = RecordBatchReader.from(json as object as Uint8Array);
    const told = ({ fields }: ArrowSchema) => fields.map(String);
    expect(told(reader.open().schema)).toEqual(told(toArrowSchema(schema)));
  });
});

test('literal and interface compile, and the interface is the type of the literal', async () => {
  const modules = all.flatMap(([name, literal]) => {
    const schema = toSchema(literal);
    const check = [
      "import type { RowOf } from 'millrace';",
      `import { ${name} } from './${name}-literal.ts';`,
      `import type { Row } from './${name}-row.ts';`,
      'type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2',
      '  ? true : false;',
      `export const same: Same<RowOf<typeof ${name}>[keyof Row], Row[keyof Row]> = true;`,
      `export const there = (row: RowOf<typeof ${name}>): Row => row;`,
      `export const back = (row: Row): RowOf<typeof ${name}> => row;`,
    ];
    return [
      [`${name}-literal.ts`, schemaToModule(schema, name)],
      [`${name}-row.ts`, schemaToTypeScript(schema, 'Row')],
      [`${name}-check.ts`, check.join('\n')],
    ] as const;
  });
  // Names that look like words of the language, and are none.
  const odd = ['async', 'as', 'of', 'type', 'get', 'map', 'string', 'any'].map(
    (name) => [`named-${name}.ts`, schemaToModule(toSchema({ a: 'int64' }), name)] as const,
  );
  expect(await compile([...modules, ...odd])).toBe('');
}, 60_000);

async function compile(modules: readonly (readonly [string, string])[]): Promise<string> {
  await mkdir(join(root, 'build'), { recursive: true });
  const folder = await mkdtemp(join(root, 'build', 'schemas-'));
  try {
    for (const [name, text] of modules) await writeFile(join(folder, name), text);
    const compilerOptions = {
      ...{ strict: true, noEmit: true, module: 'nodenext', target: 'es2024', skipLibCheck: true },
      ...{ lib: ['es2024', 'esnext.disposable', 'esnext.iterator'], types: ['node'] },
      ...{ allowImportingTsExtensions: true, paths: { millrace: ['../../src/index.ts'] } },
    };
    const files = [...modules.map(([name]) => name), '../../src/wasm/webassembly.d.ts'];
    const config = join(folder, 'tsconfig.json');
    await writeFile(config, JSON.stringify({ compilerOptions, files }));
    const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const run = promisify(execFile);
    const result = await run(process.execPath, [compiler, '-p', config]).catch((error) => error);
    return result.stdout;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe('what is refused', () => {
  const field = (type: object, more: object = {}) => ({
    schema: { fields: [{ name: 'x', nullable: true, type, children: [], ...more }] },
  });

  test.each([
    ['{', 'the schema is not JSON'],
    ['{}', 'at least one field'],
    ['{"schema":{"fields":[]}}', 'at least one field'],
    [field({ name: 'int', bitWidth: 128, isSigned: true }), "column 'x' is { name: 'int'"],
    [field({ name: 'floatingpoint', precision: 'HALF' }), 'does not have this type'],
    [field({ name: 'decimal', precision: 39, scale: 0 }), '1 to 38 digits'],
    [field({ name: 'decimal', precision: 9, scale: 0, bitWidth: 256 }), '128 bits'],
    [field({ name: 'timestamp', unit: 'DAY' }), 'one of SECOND'],
    [field({ name: 'list' }), 'write an object here'],
    [field({ name: 'utf8' }, { nullable: 1 }), 'nullable is true or false'],
    [field({ name: 'utf8' }, { name: '' }), 'name every field'],
    [field({ name: 'int' }, { dictionary: { id: 0, indexType: {} } }), 'dictionaries are of utf8'],
  ])('%j', (json, words) => {
    expect(() => schemaFromArrowJson(json as string)).toThrow(
      expect.objectContaining({
        code: 'INVALID_SCHEMA',
        message: expect.stringContaining(words),
      }),
    );
  });

  test.each(['1x', 'class', 'await', 'let', 'undefined', 'arguments'])(
    'the name %s, which nothing can have',
    (name) => {
      const schema = toSchema({ a: 'int64' });
      for (const print of [schemaToModule, schemaToTypeScript]) {
        expect(() => print(schema, name)).toThrow(
          expect.objectContaining({ code: 'INVALID_OPTION' }),
        );
      }
    },
  );

  test('a name that the module imports, or that a type has', () => {
    const plain = toSchema({ a: 'int64' });
    const maps = toSchema({ m: map('int64'), l: nullable(['int8']) });
    expect(() => schemaToModule(maps, 'map')).toThrow("'map' cannot be declared: it is a word");
    expect(() => schemaToModule(maps, 'nullable')).toThrow('give another identifier');
    expect(schemaToModule(plain, 'map')).toContain('export const map =');
    expect(schemaToModule(plain, 'string')).toContain('export const string =');
    expect(() => schemaToTypeScript(maps, 'ArrowMap')).toThrow("'ArrowMap' cannot be declared");
    expect(() => schemaToTypeScript(plain, 'string')).toThrow("'string' cannot be declared");
    expect(schemaToTypeScript(plain, 'type')).toContain('export interface type ');
  });
});
