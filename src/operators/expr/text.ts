/** Texts as methods of an expression. Places and lengths count characters (code points). */
import type { Expr } from '../expr.ts';
import { integerArgument, optionalText, patternArgument, textArgument } from './arguments.ts';
import type { Operand } from './base.ts';
import { MathMethods } from './math.ts';

/** Groups of one pattern; more are a mistake. */
const MAX_GROUP = 65_535;

/** See `ExprBase`. */
export abstract class TextMethods extends MathMethods {
  /** In lower case, by Unicode's simple mapping. */
  lower(): Expr {
    return this.call('lower');
  }

  /** In upper case, by Unicode's simple mapping. */
  upper(): Expr {
    return this.call('upper');
  }

  /** Without `characters` at both ends. Default: spaces. */
  trim(characters?: string): Expr {
    return this.call('trim', {}, trimOptions('trim', characters));
  }

  /** Without `characters` at the start. Default: spaces. */
  trimStart(characters?: string): Expr {
    return this.call('trimStart', {}, trimOptions('trimStart', characters));
  }

  /** Without `characters` at the end. Default: spaces. */
  trimEnd(characters?: string): Expr {
    return this.call('trimEnd', {}, trimOptions('trimEnd', characters));
  }

  /** Characters of a text, items of a list, or entries of a map, as int64. */
  length(): Expr {
    return this.call('length');
  }

  /** This and the others, one after the other; null where one of them is. */
  concat(...others: readonly Operand[]): Expr {
    return this.call('concat', valuesByName(others));
  }

  /**
   * Characters from `start` on, as SQL counts: 1 is the first, -1 the last.
   *
   * @param length at most so many. Default: all to the end.
   */
  substring(start: Operand, length?: Operand): Expr {
    return this.call('substring', length === undefined ? { start } : { start, length });
  }

  /** The first `count` characters; of a negative count all but so many at the end. */
  left(count: Operand): Expr {
    return this.call('left', { count });
  }

  /** The last `count` characters; of a negative count all but so many at the start. */
  right(count: Operand): Expr {
    return this.call('right', { count });
  }

  /** From the last character to the first; marks stay with their letters, emoji whole. */
  reverse(): Expr {
    return this.call('reverse');
  }

  /** Every `from` replaced by `to`; an empty `from` replaces nothing. */
  replace(from: Operand, to: Operand): Expr {
    return this.call('replace', { from, to });
  }

  /** The parts between separators, as a list of texts; an empty separator gives the characters. */
  split(separator: Operand): Expr {
    return this.call('split', { separator });
  }

  /** Whether `part` is in the text, or the item in the list. */
  contains(part: Operand): Expr {
    return this.call('contains', { part });
  }

  /** Whether the text begins with `prefix`. */
  startsWith(prefix: Operand): Expr {
    return this.call('startsWith', { prefix });
  }

  /** Whether the text ends with `suffix`. */
  endsWith(suffix: Operand): Expr {
    return this.call('endsWith', { suffix });
  }

  /** Where `part` is in the text, 1 the first character; 0 where it is not. */
  position(part: Operand): Expr {
    return this.call('position', { part });
  }

  /** So many times the text. */
  repeat(times: Operand): Expr {
    return this.call('repeat', { times });
  }

  /** Filled up to `length` characters at the start, cut where it has more. */
  padStart(length: Operand, fill: Operand = ' '): Expr {
    return this.call('padStart', { length, fill });
  }

  /** Filled up to `length` characters at the end, cut where it has more. */
  padEnd(length: Operand, fill: Operand = ' '): Expr {
    return this.call('padEnd', { length, fill });
  }

  /** SQL's like: `%` is any text, `_` any character, what follows `escapeWith` is itself. */
  like(pattern: string, escapeWith?: string): Expr {
    const text = textArgument(['like', 'pattern'], pattern, "like('A%')");
    const escapedBy = optionalText(['like', 'escapeWith'], escapeWith, "like('5!%', '!')");
    return this.call('like', {}, { pattern: text, escape: escapedBy });
  }

  /**
   * Whether the pattern, a JavaScript regular expression, is found in the text. It runs once per
   * distinct value.
   */
  regexpMatch(pattern: RegExp | string): Expr {
    return this.call('regexpMatch', {}, patternArgument(['regexpMatch', 'pattern'], pattern));
  }

  /**
   * What the pattern, or its group, matches first; an empty text where it is not found.
   *
   * @param group 0 is the whole match. Default 0.
   */
  regexpExtract(pattern: RegExp | string, group = 0): Expr {
    return this.call(
      'regexpExtract',
      {},
      {
        ...patternArgument(['regexpExtract', 'pattern'], pattern),
        group: integerArgument(['regexpExtract', 'group'], group, [0, MAX_GROUP]),
      },
    );
  }
}

function trimOptions(owner: string, characters: unknown): { characters: string | undefined } {
  return { characters: optionalText([owner, 'characters'], characters, `${owner}('-')`) };
}

function valuesByName(operands: readonly Operand[]): Readonly<Record<string, Operand>> {
  return Object.fromEntries(operands.map((operand, i) => [`value ${i + 1}`, operand]));
}
