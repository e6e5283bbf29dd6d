/** `contains`: of texts and lists. */
import type { Typed } from '../program.ts';
import type { CallSite } from './call-site.ts';
import type { FunctionDefinition } from './definition.ts';
import { lowerListContains } from './nested.ts';
import { lowerTextContains } from './text.ts';

/** `contains` by the type of its first operand; undefined where a type has none. */
type ContainsOf = (site: CallSite) => Typed | undefined;

const CONTAINS: readonly ContainsOf[] = [lowerTextContains, lowerListContains];

/** `contains`. */
export const CONTAINS_FUNCTION: FunctionDefinition = {
  name: 'contains',
  group: 'text',
  usage: 'text.contains(part), list.contains(item)',
  types: '(utf8, utf8) | (list<T>, T) -> bool',
  summary:
    'Whether the text has the part in it, or the list the item, which equals another as in `eq`.',
  examples: [
    {
      code: "col('name').contains('bin')",
      schema: { name: 'utf8' },
      row: { name: 'Robin' },
      gives: 'true',
    },
  ],
  sql: ([value, part]) => `contains(${value}, ${part})`,
  lower: (site) => {
    for (const containsOf of CONTAINS) {
      const typed = containsOf(site);
      if (typed !== undefined) return typed;
    }
    throw site.mismatch('contains takes a text and a part, or a list and an item');
  },
};
