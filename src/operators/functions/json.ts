/** `jsonPath`. */
import { parseType } from '../../arrow/scalar-text.ts';
import type { ScalarDataType } from '../../arrow/schema.ts';
import { type JsonStep, parseJsonPath } from '../json-path.ts';
import type { Typed } from '../program.ts';
import type { CallSite } from './call-site.ts';
import { castTyped, duckType } from './cast.ts';
import type { FunctionDefinition } from './definition.ts';
import { sqlText, UTF8 } from './text-operand.ts';

const JSON_TYPE: ScalarDataType = { kind: 'json' };
/** Most of a document is walked over, a few bytes at a time. */
const COST = 30;

function lowerJsonPath(site: CallSite): Typed {
  const steps = parseJsonPath(site.option('path'));
  if (typeof steps === 'string') throw site.mismatch(steps);
  const type = parseType(site.option<string | null>('as') ?? 'json');
  if (typeof type === 'string') throw site.mismatch(type);
  const kind = site.type(0)?.kind ?? 'json';
  if (kind !== 'json') {
    throw site.mismatch(
      `jsonPath takes a column of type json${kind === 'utf8' ? ", as cast('json') makes it" : ''}`,
    );
  }
  const result = { nullable: true, cost: COST };
  const json = site.literal(0) === undefined ? site.typed(0, JSON_TYPE) : site.as(0, JSON_TYPE);
  if (type.kind === 'json') return site.call('jsonPath', [json], { ...result, type });
  const options = { path: site.option<string>('path') };
  const text = site.call('jsonPath', [json], { ...result, type: UTF8, shown: { options } });
  return castTyped(text, type, 'null', site.text);
}

// DuckDB knows fewer ways to write a name.
function sqlPath(path: unknown): string {
  const steps = parseJsonPath(String(path)) as readonly JsonStep[];
  return sqlText(`$${steps.map((s) => (typeof s === 'number' ? `[${s}]` : `."${s}"`)).join('')}`);
}

/** Functions of JSON. */
export const JSON_FUNCTIONS: readonly FunctionDefinition[] = [
  {
    name: 'jsonPath',
    group: 'json',
    usage: 'json.jsonPath(path, { as: type })',
    types: 'json -> json | type',
    summary:
      'What the path (a constant) leads to: members by `.name` or `["any name"]`, items by `[0]` ' +
      'from the start and `[-1]` from the end. Null where it leads nowhere. Without `as` it is ' +
      'JSON; with it the value as `tryCast` makes it of its text: a string without quotes, a ' +
      'number, `true`, or the text of an object or list; null is null. A number is no ' +
      'timestamp: read it as int64 and say its unit, with `fromEpoch`. Of a name that comes ' +
      'twice the first counts.',
    examples: [
      {
        code: "col('order').jsonPath('$.items[0]')",
        schema: { order: 'json' },
        row: { order: { items: [{ sku: 'A', n: 3 }] } },
        gives: '{"sku":"A","n":3}',
      },
      {
        code: "col('order').jsonPath('$.items[-1].n', { as: 'int32' })",
        schema: { order: 'json' },
        row: { order: { items: [{ sku: 'A', n: 3 }] } },
        gives: '3',
      },
      {
        code: "col('order').jsonPath('$.sent', { as: 'int64' }).fromEpoch('ms')",
        schema: { order: 'json' },
        row: { order: { sent: 1_714_557_600_000 } },
        gives: '"2024-05-01T10:00:00.000Z"',
      },
    ],
    sql: ([value], { path, as = 'json' }) =>
      as === 'json'
        ? `json_extract(${value}, ${sqlPath(path)})`
        : `TRY_CAST(json_extract_string(${value}, ${sqlPath(path)}) AS ${duckType(String(as))})`,
    lower: lowerJsonPath,
  },
];
