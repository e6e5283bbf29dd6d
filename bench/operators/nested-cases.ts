/** Structs, lists, maps, headers and JSON. */
import { col, header, struct } from '../../src/operators/expr.ts';
import { made, type OperatorCase } from './case.ts';

/** Cases of structs, lists, maps, headers and JSON. */
export const NESTED_CASES: readonly OperatorCase[] = [
  made('number', 'struct field', col('part').field('x').add(1), {
    plain: 'd.part.x + 1',
    sql: 'part.x + 1',
  }),
  made('number', 'list get', col('tags').get(1), {
    plain: 'd.tags.length > 0 ? d.tags[0] : null',
    arquero: 'length(d.tags) > 0 ? d.tags[0] : null',
    sql: 'tags[1]',
  }),
  made('number', 'list length', col('tags').length(), {
    plain: 'd.tags.length',
    arquero: 'length(d.tags)',
    sql: 'len(tags)',
  }),
  made('bool', 'list contains', col('tags').contains(7), {
    plain: 'd.tags.includes(7)',
    arquero: 'includes(d.tags, 7)',
    sql: 'list_contains(tags, 7)',
  }),
  made('bool', 'list contains an int64, of int32', col('tags').contains(col('i').mod(1000)), {
    plain: 'd.tags.includes(d.i % 1000)',
    arquero: 'includes(d.tags, d.i % 1000)',
    sql: 'list_contains(tags, i % 1000)',
  }),
  made('number', 'map get', col('attributes').get('size'), {
    plain: 'd.attributes.size ?? null',
    arquero: 'd.attributes.size',
    sql: "attributes['size']",
  }),
  made('number', 'jsonPath to int64', col('document').jsonPath('$.user.id', { as: 'int64' }), {
    plain: 'JSON.parse(d.document).user.id',
    arquero: 'parse_json(d.document).user.id',
    sql: "(document->>'$.user.id')::BIGINT",
  }),
  made('struct', 'struct of 2', struct({ x: col('a'), y: col('b') }), {
    plain: '({ x: d.a, y: d.b })',
    sql: '{x: a, y: b}',
  }),
  made('number', 'map keys, and how many', col('attributes').keys().length(), {
    plain: 'Object.keys(d.attributes).length',
    arquero: 'length(keys(d.attributes))',
    sql: 'len(map_keys(attributes))',
  }),
  made('number', 'map values, and the first', col('attributes').values().get(1), {
    plain: 'Object.values(d.attributes)[0]',
    arquero: 'values(d.attributes)[0]',
    sql: 'map_values(attributes)[1]',
  }),
  made('text', 'header', header('trace').cast('utf8'), {
    plain: "d.headers.findLast((header) => header.key === 'trace')?.value ?? null",
    arquero: null,
    sql: "list_filter(headers, lambda h: h.key = 'trace')[-1].value::VARCHAR",
  }),
];
