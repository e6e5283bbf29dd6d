/** The answer of an inference: a schema to use, to read and to pin. */
import type { Schema as ArrowSchema } from 'apache-arrow';
import { toArrowSchema } from '../arrow/arrow-schema.ts';
import type { Schema } from '../arrow/schema.ts';
import { type ArrowJsonSchema, schemaToArrowJson } from '../arrow/schema-to-arrow-json.ts';
import { schemaToLiteral, schemaToModule } from '../arrow/schema-to-literal.ts';
import { schemaToTypeScript } from '../arrow/schema-to-typescript.ts';
import type { InferenceReject } from '../ingest/infer/inference-reject.ts';
import type { InferenceNote } from '../ingest/infer/rules.ts';

/** What was seen of a sample: messages that were observed, had no value, or were neither. */
export interface Sampled {
  readonly observed: number;
  readonly tombstones: number;
  readonly rejected: number;
  /** The first of those. */
  readonly rejects: readonly InferenceReject[];
}

/** A schema that was inferred, and what it was inferred from. */
export class InferredSchema {
  /** To be given as `schema` to a source; rows are then typed as records of any values. */
  readonly schema: ArrowSchema;
  /** What a person should look at before the schema is pinned. */
  readonly notes: readonly InferenceNote[];
  /** Messages that the schema was inferred from; tombstones count. */
  readonly sampled: number;
  /** Messages that are no JSON objects; they count for nothing. */
  readonly rejected: number;
  /** The first of those. */
  readonly rejects: readonly InferenceReject[];
  readonly #schema: Schema;

  /** For `inferSchema`. */
  constructor(schema: Schema, notes: readonly InferenceNote[], observer: Sampled) {
    this.#schema = schema;
    this.schema = toArrowSchema(schema);
    this.notes = Object.freeze(notes);
    this.sampled = observer.observed + observer.tombstones;
    this.rejected = observer.rejected;
    this.rejects = Object.freeze([...observer.rejects]);
  }

  /** The literal as an expression in TypeScript; `map` and `nullable` must be in its scope. */
  toLiteral(): string {
    return schemaToLiteral(this.#schema);
  }

  /** A module that exports the literal, with the imports that it needs. Default `schema`. */
  toModule(name = 'schema'): string {
    return schemaToModule(this.#schema, name);
  }

  /** Arrow's JSON of the schema, as plain data; `schemaFromArrowJson` takes it back. */
  toArrowJson(): ArrowJsonSchema {
    return schemaToArrowJson(this.#schema);
  }

  /**
   * A module that exports the type of the rows as an interface. Default `Row`.
   *
   * @throws MillraceError `INVALID_OPTION` where `name` is no identifier.
   */
  toTypeScript(name = 'Row'): string {
    return schemaToTypeScript(this.#schema, name);
  }
}
