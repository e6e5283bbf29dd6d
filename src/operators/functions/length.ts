/** `length`: of texts, bytes, lists and maps. */
import { byType } from './by-type.ts';
import type { FunctionDefinition } from './definition.ts';
import { lowerBytesLength, lowerListLength } from './nested.ts';
import { lowerTextLength } from './text.ts';

/** `length`. */
export const LENGTH_FUNCTION: FunctionDefinition = {
  name: 'length',
  group: 'text',
  usage: 'text.length(), bytes.length(), list.length(), map.length()',
  types: 'utf8 | binary | list | map -> int64',
  summary: 'Characters of a text, bytes of a binary, items of a list, entries of a map.',
  examples: [
    {
      code: "col('name').length()",
      schema: { name: 'utf8' },
      row: { name: 'Zoë' },
      gives: '3',
    },
    {
      code: "col('photo').length()",
      schema: { photo: 'binary' },
      row: { photo: 'AAEC/w==' },
      gives: '4',
    },
  ],
  sql: ([value]) => `length(${value})`,
  lower: byType(
    [lowerTextLength, lowerBytesLength, lowerListLength],
    'length takes a text, a binary, a list or a map',
  ),
};
