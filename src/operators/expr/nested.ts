/** Lists, maps, structs and JSON as methods of an expression. */
import type { TypeText } from '../../arrow/scalar-text.ts';
import type { Expr } from '../expr.ts';
import { optionsArgument, textArgument, typeArgument } from './arguments.ts';
import type { Operand } from './base.ts';
import { TimeMethods } from './time.ts';

/** What {@link NestedMethods.jsonPath} takes. */
export interface JsonPathOptions {
  /** The type of what is found; what does not fit is null. Default `json`. */
  readonly as?: TypeText;
}

/** See `ExprBase`. */
export abstract class NestedMethods extends TimeMethods {
  /** The member `name` of a struct; null where the struct is null. */
  field(name: string): Expr {
    const text = textArgument(['field', 'name'], name, "field('city')");
    return this.derive({ kind: 'field', operand: this.node, name: text });
  }

  /**
   * An item of a list by its place, 1 the first and -1 the last as in SQL, or a value of a map by
   * its key; null where there is none.
   */
  get(place: Operand): Expr {
    return this.call('get', { place });
  }

  /** The keys of a map, as a list of texts. */
  keys(): Expr {
    return this.call('keys');
  }

  /** The values of a map, as a list. */
  values(): Expr {
    return this.call('values');
  }

  /**
   * What a JSON path such as `$.items[0].sku` leads to in a `json` column; null where it leads
   * nowhere. Members by name, items by place from 0 on (negative: from the end).
   */
  jsonPath(path: string, options: JsonPathOptions = {}): Expr {
    const text = textArgument(['jsonPath', 'path'], path, "jsonPath('$.items[0].sku')");
    const { as } = optionsArgument(['jsonPath', 'options'], options, ['as']);
    const type = as === undefined ? undefined : typeArgument(['jsonPath', 'as'], as);
    return this.call('jsonPath', {}, { path: text, as: type });
  }
}
