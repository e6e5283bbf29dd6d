/** Functions of lists, maps, structs and headers. */

import { scalarToString } from '../../arrow/scalar-text.ts';
import {
  type DataType,
  type Field,
  MAX_SCHEMA_DEPTH,
  type ScalarDataType,
} from '../../arrow/schema.ts';
import { map } from '../../arrow/schema-literal.ts';
import { typeToString } from '../../arrow/schema-text.ts';
import { commonType, isBytes, isInteger, isScalar, levelsOf, sameType } from '../common-type.ts';
import { meetLiteral } from '../constant.ts';
import { isCompared } from '../lower-compare.ts';
import type { Typed } from '../program.ts';
import { wayInto } from '../type-mismatch.ts';
import type { CallSite } from './call-site.ts';
import type { FunctionDefinition } from './definition.ts';

const UTF8: ScalarDataType = { kind: 'utf8' };
const NULL: ScalarDataType = { kind: 'null' };
const INT64: ScalarDataType = { kind: 'int64' };

function itemField(type: DataType, nullable: boolean): Field {
  return { name: 'item', type, nullable };
}

/** `length` of a list or map; undefined for other types. */
export function lowerListLength(site: CallSite): Typed | undefined {
  const kind = site.type(0)?.kind;
  if (kind !== 'list' && kind !== 'map') return undefined;
  return site.call('listLength', [site.typed(0, INT64)], { type: INT64 });
}

/** `length` of bytes; undefined for other types. */
export function lowerBytesLength(site: CallSite): Typed | undefined {
  if (site.type(0)?.kind !== 'binary') return undefined;
  return site.call('bytesLength', [site.typed(0, INT64)], { type: INT64 });
}

/** `contains` of a list; undefined for other types. */
export function lowerListContains(site: CallSite): Typed | undefined {
  const type = site.type(0);
  if (type?.kind !== 'list') return undefined;
  const list = site.typed(0, INT64);
  const item = type.item.type;
  if (!isCompared(item)) throw site.mismatch('items are compared, which json is not');
  const operands = isScalar(item) ? besideItems(site, list, item) : [list, nestedItem(site, item)];
  return site.call('listContains', operands, { type: { kind: 'bool' }, cost: 8 });
}

// Texts of a dictionary are compared as texts, and texts with binaries as bytes.
function besideItems(site: CallSite, list: Typed, item: ScalarDataType): readonly Typed[] {
  const own = item.kind === 'dictionary' ? UTF8 : item;
  const wanted = site.type(1);
  if (isBytes(own.kind) && wanted !== undefined && isBytes(wanted.kind)) {
    return [list, site.typed(1, own)];
  }
  const literal = site.literal(1);
  const common = literal ? meetLiteral(literal, own) : wanted && commonType(own, wanted);
  if (common === undefined || !isScalar(common) || sameType(common, own)) {
    return [list, site.as(1, own)];
  }
  const type: DataType = { kind: 'list', item: itemField(common, true) };
  const widened = site.call('castItems', [list], {
    type,
    options: { type: scalarToString(common) },
    shown: { fn: 'cast', options: { type: typeToString(type) } },
    cost: 8,
  });
  return [widened, site.as(1, common)];
}

function nestedItem(site: CallSite, item: DataType): Typed {
  if (site.literal(1)?.type === 'null') {
    return { program: { kind: 'constant', type: item, value: null }, type: item, nullable: true };
  }
  const wanted = site.typed(1, INT64);
  if (commonType(item, wanted.type) === undefined) {
    throw site.mismatch('it takes an item with the same members and items');
  }
  return wanted;
}

function lowerGet(site: CallSite): Typed {
  const type = site.type(0);
  const holder = site.typed(0, INT64);
  if (type?.kind === 'list') {
    const place = site.type(1);
    if (place !== undefined && !isInteger(place.kind)) {
      throw site.mismatch('the place in a list is an integer, 1 the first');
    }
    const literal = site.literal(1);
    if (literal?.type === 'number' && literal.value === 0) {
      throw site.mismatch('no item has the place 0; 1 is the first (only jsonPath counts from 0)');
    }
    const operands = [holder, site.as(1, INT64)];
    return site.call('listGet', operands, { type: type.item.type, nullable: true, cost: 6 });
  }
  if (type?.kind === 'map') {
    const operands = [holder, site.as(1, UTF8)];
    return site.call('mapGet', operands, { type: type.value.type, nullable: true, cost: 10 });
  }
  const key = site.literal(1);
  const way = wayInto(type ?? 'null', key?.type === 'utf8' ? key.value : 'name');
  const hint = way === undefined ? '' : `; of a ${type!.kind} write ${way}`;
  throw site.mismatch(`get takes a list and a place, or a map and a key${hint}`);
}

function lowerMapMember(site: CallSite): Typed {
  const type = site.type(0);
  if (type?.kind !== 'map') throw site.mismatch(`${site.node.fn} takes a map`);
  const item =
    site.node.fn === 'keys'
      ? itemField(UTF8, false)
      : itemField(type.value.type, type.value.nullable);
  return site.call(site.node.fn, [site.typed(0, INT64)], {
    type: { kind: 'list', item },
    cost: 0.1,
  });
}

function lowerStruct(site: CallSite): Typed {
  const names = site.option<readonly string[]>('names');
  if (names.length === 0) throw site.mismatch('a struct has at least one member');
  const operands = names.map((_, i) => site.typed(i, NULL));
  const fields = operands.map(({ type, nullable }, i) => ({ name: names[i]!, type, nullable }));
  const type: DataType = { kind: 'struct', fields };
  if (levelsOf(type) > MAX_SCHEMA_DEPTH) {
    throw site.mismatch(`nest at most ${MAX_SCHEMA_DEPTH} structs, lists and maps`);
  }
  return site.call('struct', operands, {
    type,
    nullable: false,
    cost: 0.1,
  });
}

function lowerHeader(site: CallSite): Typed {
  const name = site.option<string>('name');
  const key: Typed = {
    program: { kind: 'constant', type: UTF8, value: name },
    type: UTF8,
    nullable: false,
  };
  const operands = [site.typed(0, INT64), key];
  return site.call('mapGet', operands, { type: { kind: 'binary' }, nullable: true, cost: 10 });
}

const LIST = { tags: ['utf8'] } as const;

/** Lists, maps, structs. */
export const NESTED_FUNCTIONS: readonly FunctionDefinition[] = [
  {
    name: 'get',
    group: 'nested',
    usage: 'list.get(place), map.get(key)',
    types: '([T], integer) -> T?, (map(T), utf8) -> T?',
    summary:
      'An item of a list by its place, 1 (not 0) the first and -1 the last as in SQL, or the ' +
      "value of a map's key; null where there is none.",
    examples: [
      { code: "col('tags').get(1)", schema: LIST, row: { tags: ['a', 'b'] }, gives: '"a"' },
      { code: "col('tags').get(3)", schema: LIST, row: { tags: ['a', 'b'] }, gives: 'null' },
      {
        code: "col('counts').get('x')",
        schema: { counts: map('int64') },
        row: { counts: { x: 7 } },
        gives: '7',
      },
    ],
    sql: ([holder, place]) => `${holder}[${place}]`,
    lower: lowerGet,
  },
  ...(['keys', 'values'] as const).map(
    (name): FunctionDefinition => ({
      name,
      group: 'nested',
      usage: `map.${name}()`,
      types: name === 'keys' ? 'map(T) -> [utf8]' : 'map(T) -> [T]',
      summary: `The ${name} of a map, as a list in the map's order.`,
      examples: [
        {
          code: `col('counts').${name}()`,
          schema: { counts: map('int64') },
          row: { counts: { x: 7, y: 8 } },
          gives: name === 'keys' ? '["x","y"]' : '[7,8]',
        },
      ],
      sql: ([map]) => `map_${name}(${map})`,
      lower: lowerMapMember,
    }),
  ),
  {
    name: 'struct',
    group: 'nested',
    usage: 'struct({ name: value, … })',
    types: '(T, …) -> { name T, … }',
    summary: 'A struct of these members, in order; `.field(name)` takes one out again.',
    examples: [
      {
        code: "struct({ first: col('tags').get(1), all: col('tags') })",
        schema: LIST,
        row: { tags: ['a', 'b'] },
        gives: '{"first":"a","all":["a","b"]}',
      },
    ],
    sql: (operands, { names }) => {
      const members = names as readonly string[];
      return `{${operands.map((operand, i) => `'${members[i]}': ${operand}`).join(', ')}}`;
    },
    lower: lowerStruct,
  },
  {
    name: 'header',
    group: 'metadata',
    usage: 'header(name)',
    types: '-> binary?',
    summary:
      'The value of the last message header of that name; null where there is none. Of Kafka ' +
      'sources only.',
    examples: [
      {
        code: "header('trace').cast('utf8')",
        schema: { a: 'int32' },
        row: { a: 7 },
        headers: { trace: '4bf92f35' },
        gives: '"4bf92f35"',
      },
    ],
    lower: lowerHeader,
  },
];
