/** Functions of texts. */
import type { ScalarDataType } from '../../arrow/schema.ts';
import { isInteger } from '../common-type.ts';
import { compileLike } from '../kernels/like-pattern.ts';
import type { Typed } from '../program.ts';
import type { CallSite } from './call-site.ts';
import type { FunctionDefinition, FunctionExample } from './definition.ts';
import { sqlText, text, UTF8 } from './text-operand.ts';

const BOOL: ScalarDataType = { kind: 'bool' };
const INT64: ScalarDataType = { kind: 'int64' };
/** An addition is 1. */
const COST = { scan: 6, build: 10 } as const;
/** Operands of one call of the kernel; more are several calls. */
const CONCAT_MAX = 64;
/** A worker holds a text of so many characters, and more of the same. */
const MAX_USUAL_CHARACTERS = 1_000_000;
const TOO_LONG =
  "a text of more than half of a worker's memory, which is 128 MiB or more, fails the row.";

function isText(site: CallSite, i = 0): boolean {
  const kind = site.type(i)?.kind;
  return kind === undefined || kind === 'utf8' || kind === 'dictionary';
}

function integer(site: CallSite, i: number): Typed {
  if (site.literal(i) === undefined) {
    const operand = site.typed(i, INT64);
    if (isInteger(operand.type.kind) && operand.type.kind !== 'uint64') {
      return site.widen(operand, i, INT64);
    }
  } else if (isInteger(site.type(i)?.kind ?? 'int64')) return site.as(i, INT64);
  throw site.mismatch(`${site.node.fn} counts in integers up to int64`);
}

/** `length` of a text; undefined for other types. */
export function lowerTextLength(site: CallSite): Typed | undefined {
  if (!isText(site)) return undefined;
  return site.call('textLength', [text(site)], { type: INT64, cost: 3 });
}

/** `contains` of a text; undefined for other types. */
export function lowerTextContains(site: CallSite): Typed | undefined {
  return isText(site) ? lowerFind(site) : undefined;
}

function lowerFind(site: CallSite): Typed {
  return site.call(site.node.fn, [text(site, 0), text(site, 1)], { type: BOOL, cost: COST.scan });
}

function lowerUnary(site: CallSite): Typed {
  return site.call(site.node.fn, [text(site)], { type: UTF8, cost: COST.build });
}

function lowerConcat(site: CallSite): Typed {
  let parts = site.operands.map((_, i) => text(site, i));
  const join = (some: readonly Typed[]) =>
    site.call('concat', some, { type: UTF8, cost: 4 * some.length });
  while (parts.length > CONCAT_MAX) {
    parts = [join(parts.slice(0, CONCAT_MAX)), ...parts.slice(CONCAT_MAX)];
  }
  return parts.length === 1 ? parts[0]! : join(parts);
}

function lowerSubstring(site: CallSite): Typed {
  const places = site.operands.slice(1).map((_, i) => integer(site, i + 1));
  return site.call('substring', [text(site), ...places], { type: UTF8, cost: COST.build });
}

function lowerSide(site: CallSite): Typed {
  const operands = [text(site), integer(site, 1)];
  return site.call(site.node.fn, operands, { type: UTF8, cost: COST.build });
}

function lowerReplace(site: CallSite): Typed {
  const operands = [text(site, 0), text(site, 1), text(site, 2)];
  // Else each part may become as long as a text.
  const canFail = operands[2]!.program.kind !== 'constant';
  return site.call('replace', operands, { type: UTF8, canFail, cost: COST.build });
}

function lowerSplit(site: CallSite): Typed {
  const operands = [text(site, 0), text(site, 1)];
  return site.call('split', operands, {
    type: { kind: 'list', item: { name: 'item', type: UTF8, nullable: false } },
    nullable: operands[0]!.nullable,
    cost: 2 * COST.build,
  });
}

function lowerPosition(site: CallSite): Typed {
  return site.call('position', [text(site, 0), text(site, 1)], { type: INT64, cost: COST.scan });
}

function lowerRepeat(site: CallSite): Typed {
  const operands = [text(site), integer(site, 1)];
  return site.call('repeat', operands, { type: UTF8, canFail: true, cost: COST.build });
}

function lowerPad(site: CallSite): Typed {
  const operands = [text(site, 0), integer(site, 1), text(site, 2)];
  const { program } = operands[1]!;
  const isShort = program.kind === 'constant' && Number(program.value) <= MAX_USUAL_CHARACTERS;
  return site.call(site.node.fn, operands, { type: UTF8, canFail: !isShort, cost: COST.build });
}

function lowerLike(site: CallSite): Typed {
  const compiled = compileLike(site.option('pattern'), site.option('escape'));
  if (typeof compiled === 'string') throw site.mismatch(compiled);
  return site.call('like', [text(site)], { type: BOOL, cost: COST.scan });
}

type Definition = Omit<FunctionDefinition, 'group' | 'examples'>;

function define(
  definition: Definition,
  code: string,
  name: string,
  gives: string,
): FunctionDefinition {
  const example: FunctionExample = { code, schema: { name: 'utf8' }, row: { name }, gives };
  return { ...definition, group: 'text', examples: [example] };
}

function trim(name: string, operator: string, where: string, gives: string): FunctionDefinition {
  return define(
    {
      name,
      usage: `text.${name}(characters)`,
      types: 'utf8 -> utf8',
      summary:
        `Without the \`characters\` (a constant) that stand at ${where}; by default without ` +
        "Unicode's spaces, to which tabs and line ends do not belong.",
      sql: ([value], { characters }) =>
        characters === undefined
          ? `${operator}(${value})`
          : `${operator}(${value}, ${sqlText(characters)})`,
      lower: lowerUnary,
    },
    `col('name').${name}('-')`,
    '--a-b--',
    gives,
  );
}

function pad(name: string, operator: string, where: string, gives: string): FunctionDefinition {
  return define(
    {
      name,
      usage: `text.${name}(length, fill)`,
      types: '(utf8, int64, utf8) -> utf8',
      summary:
        `Filled up with \`fill\` (by default a space) at the ${where} to \`length\` characters; ` +
        `what is longer is cut at its end; ${TOO_LONG}`,
      sql: ([value, length, fill]) => `${operator}(${value}, (${length})::INTEGER, ${fill})`,
      lower: lowerPad,
    },
    `col('name').${name}(5, '*')`,
    'Ada',
    gives,
  );
}

function side(name: string, ends: readonly [string, string], gives: string): FunctionDefinition {
  return define(
    {
      name,
      usage: `text.${name}(count)`,
      types: '(utf8, int64) -> utf8',
      summary:
        `The ${ends[0]} \`count\` characters; of a negative count all but so many at the ` +
        `${ends[1]}.`,
      sql: (operands) => `${name}(${operands.join(', ')})`,
      lower: lowerSide,
    },
    `col('name').${name}(2)`,
    'Zoë',
    gives,
  );
}

/** Functions of texts, but those of regular expressions. */
export const TEXT_FUNCTIONS: readonly FunctionDefinition[] = [
  ...(['lower', 'upper'] as const).map((name) =>
    define(
      {
        name,
        usage: `text.${name}()`,
        types: 'utf8 -> utf8',
        summary: `In ${name} case, one character for each (Unicode's simple mapping).`,
        sql: ([value]) => `${name}(${value})`,
        lower: lowerUnary,
      },
      `col('name').${name}()`,
      'Zoë',
      name === 'lower' ? '"zoë"' : '"ZOË"',
    ),
  ),
  trim('trim', 'trim', 'both ends', '"a-b"'),
  trim('trimStart', 'ltrim', 'the start', '"a-b--"'),
  trim('trimEnd', 'rtrim', 'the end', '"--a-b"'),
  define(
    {
      name: 'concat',
      usage: 'text.concat(text, …), concat(text, text, …)',
      types: '(utf8, …) -> utf8',
      summary: "One text after the other; null where one of them is, as of SQL's `||`.",
      sql: (operands) => `(${operands.join(' || ')})`,
      lower: lowerConcat,
    },
    "col('name').concat(' & ', col('name'))",
    'Ada',
    '"Ada & Ada"',
  ),
  define(
    {
      name: 'substring',
      usage: 'text.substring(start, length)',
      types: '(utf8, int64, int64) -> utf8',
      summary:
        'At most `length` characters (default: all) from `start` on, 1 the first, -1 the last. ' +
        'A negative length takes those in front of the start.',
      sql: (operands) => `substring(${operands.join(', ')})`,
      lower: lowerSubstring,
    },
    "col('name').substring(-2)",
    'Zoë',
    '"oë"',
  ),
  side('left', ['first', 'end'], '"Zo"'),
  side('right', ['last', 'start'], '"oë"'),
  define(
    {
      name: 'reverse',
      usage: 'text.reverse()',
      types: 'utf8 -> utf8',
      summary:
        'From the last character to the first; marks stay with their letters, emoji and Indic ' +
        'conjuncts whole.',
      sql: ([value]) => `reverse(${value})`,
      lower: lowerUnary,
    },
    "col('name').reverse()",
    'Zoë',
    '"ëoZ"',
  ),
  define(
    {
      name: 'replace',
      usage: 'text.replace(from, to)',
      types: '(utf8, utf8, utf8) -> utf8',
      summary:
        'Every `from` replaced by `to`; an empty `from` replaces nothing. Where `to` is no ' +
        `constant, ${TOO_LONG}`,
      sql: (operands) => `replace(${operands.join(', ')})`,
      lower: lowerReplace,
    },
    "col('name').replace('-', ' ')",
    'a-b-c',
    '"a b c"',
  ),
  define(
    {
      name: 'split',
      usage: 'text.split(separator)',
      types: '(utf8, utf8) -> list<utf8>',
      summary:
        'The parts between separators. An empty separator gives the characters; where the ' +
        'separator is null there is one part.',
      sql: (operands) => `string_split(${operands.join(', ')})`,
      lower: lowerSplit,
    },
    "col('name').split(',')",
    'a,,b',
    '["a","","b"]',
  ),
  define(
    {
      name: 'startsWith',
      usage: 'text.startsWith(prefix)',
      types: '(utf8, utf8) -> bool',
      summary: 'Whether the text begins with the prefix.',
      sql: ([value, part]) => `starts_with(${value}, ${part})`,
      lower: lowerFind,
    },
    "col('name').startsWith('Z')",
    'Zoë',
    'true',
  ),
  define(
    {
      name: 'endsWith',
      usage: 'text.endsWith(suffix)',
      types: '(utf8, utf8) -> bool',
      summary: 'Whether the text ends with the suffix.',
      sql: ([value, part]) => `suffix(${value}, ${part})`,
      lower: lowerFind,
    },
    "col('name').endsWith('oe')",
    'Zoë',
    'false',
  ),
  define(
    {
      name: 'like',
      usage: 'text.like(pattern, escape)',
      types: 'utf8 -> bool',
      summary:
        "SQL's like, of the whole text and a constant pattern: `%` is any text, `_` any one " +
        'character, and what follows the character `escape` (default: none) is itself.',
      sql: ([value], { pattern, escape: mark }) => {
        const suffix = mark === undefined ? '' : ` ESCAPE ${sqlText(mark)}`;
        return `(${value} LIKE ${sqlText(pattern)}${suffix})`;
      },
      lower: lowerLike,
    },
    "col('name').like('_o%')",
    'Zoë',
    'true',
  ),
  define(
    {
      name: 'position',
      usage: 'text.position(part)',
      types: '(utf8, utf8) -> int64',
      summary: 'The place of the part in the text, 1 the first character; 0 where it is not in it.',
      sql: ([value, part]) => `instr(${value}, ${part})`,
      lower: lowerPosition,
    },
    "col('name').position('ë')",
    'Zoë',
    '3',
  ),
  define(
    {
      name: 'repeat',
      usage: 'text.repeat(times)',
      types: '(utf8, int64) -> utf8',
      summary:
        'So many times the text, one after the other; empty where that is not positive; ' +
        TOO_LONG,
      sql: (operands) => `repeat(${operands.join(', ')})`,
      lower: lowerRepeat,
    },
    "col('name').repeat(2)",
    'ha',
    '"haha"',
  ),
  pad('padStart', 'lpad', 'start', '"**Ada"'),
  pad('padEnd', 'rpad', 'end', '"Ada**"'),
];
