/** Observations to a schema, by rules. Pure. */
import type { DataType, Field, Schema } from '../../arrow/schema.ts';
import { MillraceError } from '../../errors.ts';
import { inLiteralOrder, nameProblem } from './column-names.ts';
import { kindsOf } from './kinds.ts';
import { mapOf, overflowOf } from './map-or-struct.ts';
import { MAX_NAME_BYTES, type Observation } from './observation.ts';
import type { Verdict } from './rules.ts';
import { counted, type InferenceNote, type InferenceRules, JSON_TYPE, noted } from './rules.ts';
import { numberType, numericTextType, textType } from './scalar-rules.ts';

/** A schema, and what a person should know about it. */
export interface InferredTypes {
  readonly schema: Schema;
  readonly notes: readonly InferenceNote[];
}

/**
 * The schema of messages.
 *
 * @param root of the messages themselves, objects all.
 * @param tombstones messages without a value, which are rows of nulls.
 * @throws MillraceError `INFERENCE_FAILED` where no member can be a column, and, with
 *   `conflicts: 'error'`, for values of several kinds.
 */
export function inferTypes(
  root: Observation,
  tombstones: number,
  rules: InferenceRules,
): InferredTypes {
  const draft = new Draft(rules);
  const fields = draft.fieldsOf(root, '');
  if (fields.length === 0) {
    throw failed(
      'the messages have no member that can be a column',
      "read them whole, with codec: 'string'",
    );
  }
  if (tombstones === 0) return { schema: { fields }, notes: draft.notes };
  const what = counted(tombstones, 'message');
  draft.note('', 'guess', `${what} without a value (tombstones): every column is nullable`);
  const nullable = fields.map((field) => ({ ...field, nullable: true }));
  return { schema: { fields: nullable }, notes: draft.notes };
}

class Draft {
  readonly notes: InferenceNote[] = [];
  readonly #rules: InferenceRules;

  constructor(rules: InferenceRules) {
    this.#rules = rules;
  }

  note(column: string, kind: InferenceNote['kind'], message: string): void {
    this.notes.push({ kind, column, message });
  }

  /** Members that can be columns, or members of a struct. */
  fieldsOf(seen: Observation, path: string): Field[] {
    const isRoot = path === '';
    if (seen.longNames > 0) {
      const what = counted(seen.longNames, 'value');
      const message = `${what} of members whose names have more than ${MAX_NAME_BYTES} bytes`;
      this.note(path, 'omitted', message);
    }
    const overflow = overflowOf(seen);
    if (overflow > 0) {
      const what = counted(overflow, 'value');
      this.note(path, 'omitted', `${what} of members beyond ${seen.members.length}`);
    } else if (seen.isUntracked) {
      this.note(path, 'omitted', 'members beyond the number of paths that inference keeps apart');
    }
    return inLiteralOrder(seen.members).flatMap((member) => {
      const at = isRoot ? member.name : `${path}.${member.name}`;
      const problem = nameProblem(member.name, isRoot);
      if (problem !== undefined) {
        this.note(at === '' ? "''" : at, 'omitted', problem);
        return [];
      }
      const isMissing = member.present < seen.objects;
      return [this.#field(member.name, member.seen, at, isMissing)];
    });
  }

  #field(name: string, seen: Observation, path: string, isMissing = false): Field {
    const type = this.#type(seen, path);
    const isNull = seen.nulls > 0 || isMissing || kindsOf(seen).length === 0;
    return { name, type, nullable: isNull || this.#rules.nullable === 'all' };
  }

  #type(seen: Observation, path: string): DataType {
    const { type, note } = this.#verdict(seen, path);
    if (note !== undefined) this.note(path, note.kind, note.message);
    return type;
  }

  #verdict(seen: Observation, path: string): Verdict {
    const kinds = kindsOf(seen);
    const [first, second] = kinds;
    if (first === undefined) return noted(JSON_TYPE, 'guess', 'no value but null: read as json');
    if (second !== undefined) return this.#conflict(seen, path);
    switch (first[0]) {
      case 'boolean':
        return { type: { kind: 'bool' } };
      case 'number':
        return numberType(seen, this.#rules);
      case 'string':
        return textType(seen, this.#rules);
      case 'array':
        return this.#list(seen, path);
      default:
        return this.#object(seen, path);
    }
  }

  #conflict(seen: Observation, path: string): Verdict {
    const kinds = kindsOf(seen);
    const numbersOnly = kinds.every(([kind]) => kind === 'number' || kind === 'string');
    const numeric = numbersOnly ? numericTextType(seen) : undefined;
    if (this.#rules.numbers && numeric !== undefined) return { type: numeric };
    const found = kinds.map(([kind, count]) => counted(count, kind)).join(' and ');
    if (this.#rules.conflicts === 'error') {
      throw failed(`the column '${path}' has ${found}`, "infer with conflicts: 'json'", path);
    }
    const hint = numeric === undefined ? '' : '; the option numbers reads both as decimals';
    return noted(JSON_TYPE, 'conflict', `${found}: read as json${hint}`);
  }

  #list({ item, isTooDeep, isUntracked }: Observation, path: string): Verdict {
    if (isTooDeep || isUntracked) return unseen(isTooDeep);
    if (item !== undefined && (kindsOf(item).length > 0 || item.nulls > 0)) {
      return { type: { kind: 'list', item: this.#field('item', item, `${path}[]`) } };
    }
    const nothing: Field = { name: 'item', type: JSON_TYPE, nullable: true };
    const message = 'no array has an item: read as a list of json';
    return noted({ kind: 'list', item: nothing }, 'guess', message);
  }

  #object(seen: Observation, path: string): Verdict {
    if (seen.isTooDeep || seen.isUntracked) return unseen(seen.isTooDeep);
    const map = this.#rules.maps === 'guess' ? mapOf(seen) : undefined;
    if (map !== undefined) {
      const value = this.#field('value', map.values, `${path}{}`);
      return noted({ kind: 'map', value }, 'guess', `${map.reason}: read as a map`);
    }
    if (overflowOf(seen) > 0) {
      const message = `more than ${seen.members.length} different keys, of values that differ`;
      return noted(JSON_TYPE, 'guess', `${message}: read as json`);
    }
    const fields = this.fieldsOf(seen, path);
    if (fields.length > 0) return { type: { kind: 'struct', fields } };
    return noted(JSON_TYPE, 'guess', 'objects without members: read as json');
  }
}

function unseen(isTooDeep: boolean): Verdict {
  const why = isTooDeep ? 'nested too deep' : 'too many different paths';
  return noted(JSON_TYPE, 'guess', `${why}: read as json`);
}

function failed(problem: string, wayOut: string, column?: string): MillraceError {
  return new MillraceError(`no schema can be inferred: ${problem}; ${wayOut}`, {
    code: 'INFERENCE_FAILED',
    ...(column === undefined ? {} : { context: { column } }),
  });
}
