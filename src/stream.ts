/** The fluent API: an immutable description of what is read, done and written. */
import { type Schema as ArrowSchema, type RecordBatch, Table, type TypeMap } from 'apache-arrow';
import { toArrowSchema } from './arrow/arrow-schema.ts';
import type { IpcInput } from './arrow/ipc.ts';
import type { MetadataRow, RowOf, RowOfTypes } from './arrow/row-types.ts';
import type { SchemaInput } from './arrow/schema-literal.ts';
import { unifyDictionaries } from './arrow/unify-dictionaries.ts';
import type { Operand, Predicate } from './operators/expr.ts';
import type { Step } from './operators/step.ts';
import type { PlanPath, RunSettings } from './plan.ts';
import type { EndIo } from './run.ts';
import {
  type BatchFunction,
  type BatchFunctionOptions,
  filterStepOf,
  type MaskFunction,
  mapStepOf,
} from './stream/batch-function.ts';
import { iterateRun } from './stream/batch-iterator.ts';
import {
  type BatchesOptions,
  type BatchIterable,
  type BatchSource,
  batchSource,
  ipcSource,
} from './stream/batch-source.ts';
import { type Branches, branchSteps, type TapOptions, tapSteps } from './stream/branches.ts';
import { explainPlan } from './stream/explain.ts';
import {
  borrowOf,
  type CollectOptions,
  collectBatches,
  type HandOverOptions,
  notAFunction,
} from './stream/hand-over.ts';
import { OptionReader } from './stream/option-reader.ts';
import {
  distinctStep,
  type FlatMapOptions,
  flatMapSteps,
  type SampleOptions,
  sampleStep,
  type UnnestOptions,
  unnestStep,
} from './stream/row-steps.ts';
import {
  RUN_SETTINGS_NAMES,
  type RunSettingsInput,
  readRunSettings,
} from './stream/run-settings.ts';
import { Runnable } from './stream/runnable.ts';
import { type KafkaSinkOptions, readKafkaSink } from './stream/sink-options.ts';
import {
  type BytesSourceOptions,
  type JsonSourceOptions,
  type KafkaSourceOptions,
  readKafkaSource,
  type StringSourceOptions,
} from './stream/source-options.ts';
import { dropStep, limitStep, renameStep, selectStep } from './stream/steps.ts';
import {
  checkEnds,
  connectionOf,
  endsOf,
  outputOf,
  planOf,
  type StreamState,
  unionOf,
  withSteps,
  withTap,
} from './stream/stream-state.ts';
import type {
  BatchOf,
  ColumnName,
  ExprColumns,
  ListColumn,
  Mapped,
  RenamedRow,
  Selected,
  SelectedRow,
  SharedMetadata,
  TableOf,
  United,
  Unnested,
} from './stream/stream-types.ts';

/**
 * Rows on their way from a source through steps. Immutable: every method answers a new stream, and
 * a mistake throws at the method that makes it. Nothing runs before `run()`, `collect()` or a loop
 * over `batches()`.
 *
 * `Row` is the type of the rows, `Metadata` that of the metadata columns that steps can still name:
 * every Kafka message has `_topic _partition _offset _timestamp _key _headers`. They are made only
 * where a step names them, and leave the stream only where `select` or `rename` takes them along.
 *
 * @example
 * ```ts
 * const schema = { id: 'int64', amount: 'float64?' } as const;
 * const table = await Stream.fromKafka({ topic: 'orders', until: 'latest', schema })
 *   .filter(col('amount').gt(1000))
 *   .select('id', { euros: col('amount').mul(0.92) })
 *   .collect();
 * ```
 */
export class Stream<Row = Record<string, unknown>, Metadata = object> {
  readonly #state: StreamState;

  private constructor(state: StreamState) {
    this.#state = Object.freeze(state);
  }

  /**
   * A stream over topics. `brokers` defaults to `localhost:9092`, `codec` to `json`; see
   * `KafkaSourceCommon` for every option and its default. The short form takes brokers, topic,
   * group and schema.
   *
   * @throws MillraceError `INVALID_OPTION`, `INVALID_SCHEMA`.
   */
  static fromKafka<const S extends SchemaInput>(
    brokers: string,
    topic: string,
    groupId: string,
    schema: S,
  ): Stream<RowOf<S>, MetadataRow>;
  static fromKafka(options: StringSourceOptions): Stream<{ value: string | null }, MetadataRow>;
  static fromKafka(options: BytesSourceOptions): Stream<{ value: Uint8Array | null }, MetadataRow>;
  static fromKafka<const S extends SchemaInput>(
    options: JsonSourceOptions<S>,
  ): Stream<RowOf<S>, MetadataRow>;
  static fromKafka(
    first: KafkaSourceOptions | string,
    topic?: string,
    groupId?: string,
    schema?: SchemaInput,
  ): unknown {
    const options =
      typeof first === 'string'
        ? ({ brokers: first, topic, groupId, schema } as unknown as KafkaSourceOptions)
        : first;
    const { settings, ...input } = readKafkaSource(options);
    return new Stream({ inputs: [{ ...input, steps: [] }], taps: [], settings });
  }

  /**
   * A stream over record batches or a table, without Kafka. Columns keep their types; those that
   * Millrace does not have are widened: texts, binaries and lists that are large, views or of fixed
   * size, half floats, other units of times and durations, dates in milliseconds, dictionaries of
   * other indices. With `schema` also narrower numbers, dictionaries, texts of JSON and timestamps
   * of other units become its types.
   *
   * @param batches a table or an array is read anew by every run, another iterable only once.
   * @throws MillraceError `INVALID_SCHEMA` where a column has a type that cannot be imported, or
   *   where `batches` is asynchronous and no schema is given.
   */
  static fromBatches<const S extends SchemaInput>(
    batches: Table | BatchIterable,
    options: BatchesOptions<S> & { readonly schema: S },
  ): Stream<RowOf<S>>;
  static fromBatches<T extends TypeMap>(
    batches: Table<T> | Iterable<RecordBatch<T>>,
    options?: RunSettingsInput,
  ): Stream<RowOfTypes<T>>;
  static fromBatches(batches: Table | BatchIterable, options: BatchesOptions = {}): unknown {
    const reader = new OptionReader('Stream.fromBatches', options, [
      ...RUN_SETTINGS_NAMES,
      'schema',
    ]);
    return Stream.#over(batchSource(batches, options.schema), readRunSettings(reader));
  }

  /**
   * A stream over Arrow IPC, stream or file format: bytes, the path of a file, or a stream of
   * bytes. Types are widened as by `fromBatches`. Bytes and paths are read anew by every run.
   *
   * @throws MillraceError `INVALID_SCHEMA` where it is not Arrow IPC or is damaged.
   */
  static async fromIpc<Row = Record<string, unknown>>(
    input: IpcInput,
    options: RunSettingsInput = {},
  ): Promise<Stream<Row>> {
    const reader = new OptionReader('Stream.fromIpc', options, RUN_SETTINGS_NAMES);
    const settings = readRunSettings(reader);
    return Stream.#over(await ipcSource(input), settings);
  }

  static #over<Row>({ schema, open }: BatchSource, settings: RunSettings): Stream<Row> {
    const source = Object.freeze({ kind: 'batches', schema } as const);
    return new Stream({ inputs: [{ source, steps: [], open }], taps: [], settings });
  }

  /** Keeps the rows for which `predicate` is true. A function runs on the main thread. */
  filter(predicate: Predicate | MaskFunction<Row>): Stream<Row, Metadata> {
    return this.#with(filterStepOf(predicate as Predicate));
  }

  /** Adds columns, or replaces those of that name. A function makes batches, on the main thread. */
  map<const S extends SchemaInput>(
    transform: BatchFunction<Row>,
    options: BatchFunctionOptions<S>,
  ): Stream<RowOf<S>, Metadata>;
  map(transform: BatchFunction<Row>): Stream<Row, Metadata>;
  map<New extends object>(columns: ExprColumns<New>): Stream<Mapped<Row, New>, Metadata>;
  map(columns: object, options?: BatchFunctionOptions): unknown {
    return this.#with(mapStepOf(columns as Record<string, Operand>, options));
  }

  /** Keeps exactly these columns, in this order; an object adds new ones: `{ euros: expr }`. */
  select<const C extends readonly Selected<Row, Metadata>[]>(
    ...columns: C
  ): Stream<SelectedRow<Row & Metadata, C[number]>> {
    return this.#with(selectStep(columns));
  }

  /** Takes these columns away. */
  drop<K extends keyof Row & string>(...columns: readonly K[]): Stream<Omit<Row, K>, Metadata> {
    return this.#with(dropStep(columns));
  }

  /** Gives columns other names, `{ old: 'new' }`; the order stays. */
  rename<const N extends { readonly [K in ColumnName<Row, Metadata>]?: string }>(
    names: N,
  ): Stream<RenamedRow<Row, Metadata, N>, Omit<Metadata, keyof N>> {
    return this.#with(renameStep(names as Readonly<Record<string, string>>));
  }

  /** Lets the first `rows` rows of the whole stream pass, then ends it. */
  limit(rows: number): Stream<Row, Metadata> {
    return this.#with(limitStep(rows));
  }

  /**
   * A row for each item of a list, or for each entry of a map; the other columns are repeated. A
   * row whose list is null or empty is left out, or stays with `outer`.
   *
   * @throws MillraceError `UNKNOWN_COLUMN`; `TYPE_MISMATCH` where the column is no list;
   *   `INVALID_PLAN` where a name is taken.
   */
  unnest<
    const K extends ListColumn<Row & Metadata>,
    const O extends UnnestOptions = Record<never, never>,
  >(
    column: K,
    options?: O & UnnestOptions,
  ): Stream<Unnested<Row, Metadata, K, O>, Omit<Metadata, K>> {
    return this.#with(unnestStep(column, options ?? {}));
  }

  /**
   * `map` to lists, then a row for each of their items: several lists go side by side, and what is
   * shorter is filled up with nulls. The types are those of the items.
   *
   * @throws MillraceError `TYPE_MISMATCH` where an expression is no list.
   */
  flatMap<New extends object>(
    columns: ExprColumns<New>,
    options: FlatMapOptions = {},
  ): Stream<Mapped<Row, New>, Metadata> {
    const steps = flatMapSteps(columns as Readonly<Record<string, Operand>>, options);
    return this.#with(...steps);
  }

  /**
   * Drops duplicates within each batch alone: rows that are equal in different batches all pass.
   * The first row of each tuple of values stays; over all columns where none is named. Nulls are
   * equal, and so are NaNs. The source's `batch` bounds a batch (a morsel).
   */
  distinct<K extends ColumnName<Row, Metadata>>(...columns: readonly K[]): Stream<Row, Metadata> {
    return this.#with(distinctStep(columns));
  }

  /**
   * Keeps each row with the probability `fraction`, from 0 to 1. Which rows those are follows from
   * the seed, and for Kafka from topic, partition, offset and place within the message: another run
   * keeps the same. Samples in one stream draw independently of each other.
   *
   * @throws MillraceError `INVALID_OPTION`.
   */
  sample(fraction: number, options: SampleOptions = {}): Stream<Row, Metadata> {
    return this.#with(sampleStep(fraction, options));
  }

  /**
   * Shows the batches of what passes here to a function, and changes nothing. The run waits until
   * it has resolved, as it does for a sink; what it throws ends the run with `CONSUMER_FAILED`. Its
   * batches are copied and handed to the main thread: `columns` and `sample` say of what, and
   * `tap<Seen>` the type of such rows.
   *
   * @throws MillraceError `INVALID_OPTION`, `UNKNOWN_COLUMN`.
   */
  tap<Seen = Row>(
    take: (batch: BatchOf<Seen>) => void | Promise<void>,
    options: TapOptions = {},
  ): Stream<Row, Metadata> {
    if (typeof take !== 'function') throw notAFunction('tap', take);
    const onBatch = take as (batch: RecordBatch) => void | Promise<void>;
    return new Stream(withTap(this.#state, onBatch, tapSteps(options)));
  }

  /**
   * Several streams of the same rows, which go on apart: each has the rows for which its predicate
   * is true, so a row may be in several, or in none; `otherwise()` takes the rows that no other
   * has. Run together (`runTogether`, `Runnable.with`), what is before the split is read and done
   * once.
   *
   * @throws MillraceError `INVALID_PLAN`; `TYPE_MISMATCH`, `UNKNOWN_COLUMN` of a predicate.
   */
  split<const B extends Branches>(branches: B): { readonly [K in keyof B]: Stream<Row, Metadata> } {
    const streams = [...branchSteps(branches)].map(([name, step]) => [name, this.#with(step)]);
    return Object.fromEntries(streams);
  }

  /**
   * The rows of both, as one stream: each source is read in the same run, goes through its own
   * steps and then through those that follow here. The columns must have the same names and types;
   * their order is that of this stream. The order of each source partition stays.
   *
   * @throws MillraceError `INVALID_OPTION` for what is not one stream; `INVALID_PLAN` where a
   *   column is only in one of them, `TYPE_MISMATCH` where types differ.
   */
  union<R extends { [K in keyof Row]: unknown }, M>(
    ...other: readonly [other: Stream<R, M>]
  ): Stream<United<Row, R>, SharedMetadata<Metadata, M>> {
    return new Stream(unionOf(this.#state, other, (one) => one instanceof Stream && one.#state));
  }

  /** The Arrow schema of the rows that come out. */
  get schema(): ArrowSchema {
    return toArrowSchema(outputOf(this.#state));
  }

  /** The plan so far as text for people; without secrets. */
  explain(): string {
    return explainPlan(planOf(this.#state, { kind: 'batches', borrow: false }));
  }

  /**
   * Ends the stream in a topic; see `KafkaSinkOptions` for every option and its default.
   *
   * @throws MillraceError `INVALID_OPTION`; `UNKNOWN_COLUMN` or `TYPE_MISMATCH` for the key.
   */
  toKafka(options: KafkaSinkOptions): Runnable {
    return this.#endIn(readKafkaSink(options, connectionOf(this.#state)));
  }

  /**
   * Ends the stream in a function that takes the batches one by one, in the order of each
   * partition. The next comes when it has resolved; offsets are committed only then.
   *
   * @throws MillraceError `INVALID_OPTION` where `take` is no function.
   */
  forEach(
    take: (batch: BatchOf<Row>) => void | Promise<void>,
    options: HandOverOptions = {},
  ): Runnable {
    if (typeof take !== 'function') throw notAFunction('forEach', take);
    return this.#handTo(borrowOf('forEach', options), take as (batch: RecordBatch) => void);
  }

  /**
   * Runs it, and gives all rows as one table. A Kafka source must come to an end: by
   * `until: 'latest'` or a `limit`.
   *
   * @throws MillraceError `INVALID_PLAN` where it would not end; `OUT_OF_MEMORY` above `maxRows`.
   */
  async collect(options: CollectOptions = {}): Promise<TableOf<Row>> {
    checkEnds(this.#state);
    const batches = await collectBatches(options, (take) => this.#handTo(false, take).run());
    const { schema } = this;
    return new Table(schema, [...unifyDictionaries(batches, schema)]) as TableOf<Row>;
  }

  /**
   * Runs it, and gives the batches one by one. A batch counts as taken, and its offsets can be
   * committed, when the next one is asked for. Leaving the loop stops the run; the batch at hand is
   * then not committed and comes again in the next run of the group.
   *
   * @example
   * ```ts
   * for await (const batch of stream.batches()) console.log(batch.numRows);
   * ```
   */
  batches(options: HandOverOptions = {}): AsyncGenerator<BatchOf<Row>, void, undefined> {
    const borrow = borrowOf('batches', options);
    return iterateRun<BatchOf<Row>>((onBatch) => this.#handTo(borrow, onBatch).run());
  }

  #with<R, M>(...steps: readonly Step[]): Stream<R, M> {
    return new Stream<R, M>(withSteps(this.#state, steps));
  }

  #handTo(borrow: boolean, onBatch: (batch: RecordBatch) => void | Promise<void>): Runnable {
    return this.#endIn(Object.freeze({ kind: 'batches', borrow }), { onBatch });
  }

  #endIn(sink: PlanPath['sink'], io: EndIo = {}): Runnable {
    const ends = new Map([...endsOf(this.#state), [sink, () => io]]);
    return new Runnable(planOf(this.#state, sink), ends);
  }
}
