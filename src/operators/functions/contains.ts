/** `contains`: of texts and lists. */
import { byType } from './by-type.ts';
import type { FunctionDefinition } from './definition.ts';
import { lowerListContains } from './nested.ts';
import { lowerTextContains } from './text.ts';

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
  lower: byType(
    [lowerTextContains, lowerListContains],
    'contains takes a text and a part, or a list and an item',
  ),
};
