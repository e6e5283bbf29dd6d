/** Regular expressions. */
import { MillraceError } from '../../errors.ts';
import type { Typed } from '../program.ts';
import type { CallSite } from './call-site.ts';
import type { FunctionDefinition } from './definition.ts';
import { sqlText, text, UTF8 } from './text-operand.ts';

/** Per row; where texts differ it is more. */
const COST = 40;

const REFUSED_FLAGS: Readonly<Record<string, string>> = {
  g: 'finds every place, where the first one decides',
  y: 'keeps a place between rows',
};

function patternOf(site: CallSite): RegExp {
  const pattern = site.option<string>('pattern');
  const flags = site.option<string>('flags');
  for (const flag of flags) {
    const why = REFUSED_FLAGS[flag];
    if (why !== undefined) throw site.mismatch(`leave out the flag ${flag}: it ${why}`);
  }
  try {
    return new RegExp(pattern, flags);
  } catch (cause) {
    throw new MillraceError(`${site.text}: ${(cause as Error).message}`, {
      code: 'TYPE_MISMATCH',
      context: { expression: site.text },
      cause,
    });
  }
}

function lowerMatch(site: CallSite): Typed {
  patternOf(site);
  return site.call('regexpMatch', [text(site)], { type: { kind: 'bool' }, cost: COST });
}

function lowerExtract(site: CallSite): Typed {
  const pattern = patternOf(site);
  const group = site.option<number>('group');
  // An alternative that is empty matches anything, and shows all groups.
  const groups = new RegExp(`${pattern.source}|`, pattern.flags).exec('')!.length - 1;
  if (!Number.isInteger(group) || group < 0 || group > groups) {
    throw site.mismatch(`group is 0 (the whole match) to ${groups}, not ${group}`);
  }
  return site.call('regexpExtract', [text(site)], { type: UTF8, cost: COST });
}

// RE2 has the same letters for these; others do not change what a pattern without them means.
const sqlFlags = (flags: unknown) => sqlText(String(flags).replace(/[^ims]/g, ''));

const COSTS =
  'It counts characters, as with the flag u, wherever it may have that flag. It runs in ' +
  'JavaScript, once for each distinct text of a morsel where texts repeat, else (fewer than one ' +
  'in four of the first 1,024 does) once a row: that costs what a loop in JavaScript costs. ' +
  'There is no limit on time: a pattern that backtracks without end, such as (a+)+$, stalls ' +
  'its worker.';

/** `regexpMatch` and `regexpExtract`. */
export const REGEXP_FUNCTIONS: readonly FunctionDefinition[] = [
  {
    name: 'regexpMatch',
    group: 'text',
    usage: 'text.regexpMatch(pattern)',
    types: 'utf8 -> bool',
    summary: `Whether the pattern, a JavaScript regular expression, is found. ${COSTS}`,
    examples: [
      {
        code: "col('sku').regexpMatch(/^[A-Z]+-\\d+$/)",
        schema: { sku: 'utf8' },
        row: { sku: 'AB-12' },
        gives: 'true',
      },
    ],
    sql: ([value], { pattern, flags }) =>
      `regexp_matches(${value}, ${sqlText(pattern)}, ${sqlFlags(flags)})`,
    lower: lowerMatch,
  },
  {
    name: 'regexpExtract',
    group: 'text',
    usage: 'text.regexpExtract(pattern, group)',
    types: 'utf8 -> utf8',
    summary:
      'What the pattern, or its `group` (0, the default, is the whole match), matches first; ' +
      'empty where it is not found. Cost as of `regexpMatch`.',
    examples: [
      {
        code: "col('sku').regexpExtract(/-(\\d+)/, 1)",
        schema: { sku: 'utf8' },
        row: { sku: 'AB-12' },
        gives: '"12"',
      },
    ],
    sql: ([value], { pattern, flags, group }) =>
      `regexp_extract(${value}, ${sqlText(pattern)}, ${group}, ${sqlFlags(flags)})`,
    lower: lowerExtract,
  },
];
