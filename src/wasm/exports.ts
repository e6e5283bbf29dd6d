/**
 * What the WebAssembly module exports, by the source file that has it. Addresses and sizes are
 * bytes in linear memory; they stay below 2 GiB (`MAX_MEMORY_BYTES`), so none comes out negative.
 */

/** `arena.cpp`. */
export interface ArenaExports {
  /** Zeroed bytes that live as long as the instance; 0 when the state heap is full. */
  state_alloc(bytes: number): number;
  /** Forgets every program and learned shape. */
  state_reset(): void;
  /** Works in the lease `[begin, end)` from now on. */
  arena_open(begin: number, end: number): void;
  /** Bytes in the open lease; 0 when it is full. */
  arena_alloc(bytes: number): number;
  arena_mark(): number;
  arena_rewind(mark: number): void;
  /** The most bytes that `arena_alloc` would give now. */
  arena_room(): number;
}

/** `json-reader.cpp`. */
export interface JsonReaderExports {
  /** A reader for the program at `program` in the state heap; 0 when that is full. */
  json_reader_make(program: number): number;
  /** Decodes a `Records` into the open lease: the address of a `Decoded`; 0 when that is full. */
  json_reader_decode(reader: number, records: number): number;
}

/** `infer.cpp`. */
export interface InferExports {
  /** An inference in the state heap, its hash tables under a random key; 0 when that is full. */
  infer_new(low: bigint, high: bigint): number;
  /** Address of the `Observation` of the messages; see `infer-observation.h`. */
  infer_root(inference: number): number;
  /** Observes rows of a `Records`: the address of an `Observed`; 0 when the lease is full. */
  infer_observe(inference: number, records: number, first: number, count: number): number;
}

/** `crc32c.cpp`. */
export interface Crc32cExports {
  /** As int32: `>>> 0` for the unsigned value. */
  crc32c(address: number, length: number): number;
}

/** `records.cpp`; both answer the address of a `Scan`. */
export interface RecordsExports {
  batches_scan(address: number, length: number, dropped: number, droppedCount: number): number;
  records_walk(fetchOffset: bigint, endOffset: bigint, want: number): number;
}

/** `batch-writer.cpp` and `partition.cpp`. */
export interface BatchWriterExports {
  /** Address of a `WrittenBatch`. */
  batch_write(job: number, firstRow: number): number;
  batch_seal(address: number, byteLength: number, compression: number): void;
  /** Address of `u32[partitions + 1]` starts and the sorted rows behind them, or 0. */
  partition_rows(
    key: number,
    rows: number,
    count: number,
    partitions: number,
    start: number,
    run: number,
  ): number;
  /** As `partition_rows`; where a row has no partition, the first start says so. */
  partition_rows_by_number(number: number, rows: number, count: number, partitions: number): number;
}

/** `json-writer.cpp` and `bytes-codec.cpp`. */
export interface ValueExports {
  /** 1, or 0 where the column's type is not that of the program. */
  json_writer_bind(writer: number, index: number, column: number): number;
  /** Address of a `BytesDecoded`. */
  bytes_decode(records: number, type: number, nullable: number): number;
}

/** `metadata-columns.cpp`; each answers the address of a `Column`, or 0: the lease is full. */
export interface MetadataExports {
  metadata_timestamps(records: number): number;
  metadata_keys(records: number): number;
  metadata_headers(records: number): number;
}

/**
 * `kernels*.cpp`. Columns, sets and selections are addresses; a selection is its address (0 = rows
 * 0 to `count - 1`) and its count. Each answers the address of a column, 0 where the lease is full,
 * or 1 where a selected row has no result.
 */
export interface KernelExports {
  /** The row that the last answer of 1 was about. */
  kernel_failed_row(): number;
  /** `param`: the type's `Column::param`. */
  kernel_null(type: number, length: number, param: number): number;
  kernel_arithmetic(
    op: number,
    left: number,
    right: number,
    selection: number,
    count: number,
  ): number;
  /** `misfit`: 0 = a value that does not fit fails its row, 1 = it is null. */
  kernel_cast(
    column: number,
    type: number,
    param: number,
    misfit: number,
    selection: number,
    count: number,
  ): number;
  /** As `kernel_cast`, from and to texts. */
  kernel_cast_text(
    column: number,
    type: number,
    param: number,
    misfit: number,
    selection: number,
    count: number,
  ): number;
  /** As `kernel_cast`, of dates and timestamps. */
  kernel_cast_time(
    column: number,
    type: number,
    param: number,
    misfit: number,
    selection: number,
    count: number,
  ): number;
  kernel_decimal(
    op: number,
    left: number,
    right: number,
    param: number,
    selection: number,
    count: number,
  ): number;
  kernel_choose(
    condition: number,
    left: number,
    right: number,
    selection: number,
    count: number,
  ): number;
  kernel_math(
    op: number,
    column: number,
    type: number,
    param: number,
    digits: number,
    selection: number,
    count: number,
  ): number;
  kernel_list_length(column: number, selection: number, count: number): number;
  /** Places of items; see `unnest_items`. */
  kernel_list_places(column: number, index: number, selection: number, count: number): number;
  kernel_map_places(column: number, key: number, selection: number, count: number): number;
  kernel_list_contains(column: number, item: number, selection: number, count: number): number;
  /** Of a dictionary's texts. */
  kernel_dictionary_places(column: number, selection: number, count: number): number;
  kernel_map_member(column: number, index: number): number;
  kernel_struct(columns: number, count: number, length: number): number;
  kernel_power(left: number, right: number, selection: number, count: number): number;
  kernel_bits(op: number, left: number, right: number, selection: number, count: number): number;
  kernel_hash(op: number, column: number, seed: bigint, selection: number, count: number): number;
  kernel_compare(op: number, left: number, right: number, selection: number, count: number): number;
  kernel_compare_nested(
    op: number,
    left: number,
    right: number,
    selection: number,
    count: number,
  ): number;
  kernel_compare_bytes(
    op: number,
    left: number,
    right: number,
    selection: number,
    count: number,
  ): number;
  kernel_logic(op: number, left: number, right: number): number;
  kernel_not(column: number): number;
  kernel_is_null(column: number, wanted: number): number;
  /** Writes rows to `out`; answers how many. */
  kernel_select_rows(
    column: number,
    keep: number,
    selection: number,
    count: number,
    out: number,
  ): number;
  /** A set of a column's values, both in the state heap; 0 when that is full. */
  value_set_new(values: number): number;
  kernel_in_set(
    column: number,
    set: number,
    hasNull: number,
    selection: number,
    count: number,
  ): number;
  kernel_take(column: number, selection: number, count: number): number;
  kernel_coalesce(left: number, right: number, selection: number, count: number): number;
  kernel_decode(column: number, selection: number, count: number): number;
  kernel_field(column: number, index: number): number;
}

/** `kernels-text-*.cpp`, `kernels-like.cpp`; they answer as {@link KernelExports}. */
export interface TextKernelExports {
  kernel_text_case(op: number, column: number, selection: number, count: number): number;
  /** The characters of a text as a set in the state heap; 0 when that is full. */
  trim_set_new(text: number, length: number): number;
  kernel_text_trim(
    sides: number,
    column: number,
    set: number,
    selection: number,
    count: number,
  ): number;
  kernel_text_length(column: number, selection: number, count: number): number;
  kernel_text_find(
    op: number,
    text: number,
    part: number,
    selection: number,
    count: number,
  ): number;
  kernel_text_position(text: number, part: number, selection: number, count: number): number;
  kernel_text_concat(
    columns: number,
    columnCount: number,
    selection: number,
    count: number,
  ): number;
  /** `length`: 0 = to the end. */
  kernel_text_substring(
    text: number,
    start: number,
    length: number,
    selection: number,
    count: number,
  ): number;
  kernel_text_reverse(text: number, selection: number, count: number): number;
  kernel_text_side(
    atStart: number,
    text: number,
    characters: number,
    selection: number,
    count: number,
  ): number;
  kernel_text_replace(
    text: number,
    part: number,
    by: number,
    selection: number,
    count: number,
  ): number;
  kernel_text_repeat(text: number, times: number, selection: number, count: number): number;
  kernel_text_pad(
    atStart: number,
    text: number,
    length: number,
    fill: number,
    selection: number,
    count: number,
  ): number;
  kernel_text_split(text: number, separator: number, selection: number, count: number): number;
  /** A pattern in the state heap over bytes and kinds that lie there; 0 when that is full. */
  like_new(bytes: number, kinds: number, length: number): number;
  kernel_like(column: number, pattern: number, selection: number, count: number): number;
  /** Address of a `DistinctTexts`, or 0; `trial` is how many texts show whether they repeat. */
  kernel_text_distinct(
    column: number,
    selection: number,
    count: number,
    seed: bigint,
    trial: number,
  ): number;
  /** Address of the UTF-16 units before each row of a column without nulls, or 0. */
  kernel_text_units(column: number): number;
  kernel_deal_flags(
    column: number,
    codes: number,
    flags: number,
    selection: number,
    count: number,
  ): number;
  kernel_deal_texts(column: number, codes: number, texts: number): number;
  /** `isText`: 1 = utf8, strings without quotes; 0 = json. */
  kernel_json_path(
    column: number,
    path: number,
    isText: number,
    selection: number,
    count: number,
  ): number;
}

/** `kernels-unnest.cpp`; each answers 0 where the lease is full. */
export interface UnnestExports {
  /** Address of an `Unnested`. */
  unnest_rows(
    lists: number,
    listCount: number,
    selection: number,
    count: number,
    outer: number,
    positions: number,
  ): number;
  unnest_items(column: number, items: number, count: number): number;
  unnest_positions(positions: number, count: number): number;
  kernel_repeat(column: number, rows: number, count: number): number;
  /** Address of `u32[count]`. */
  compose_rows(from: number, rows: number, count: number): number;
}

/** `kernels-distinct.cpp` and `kernels-sample.cpp`: both write rows to `out` and count them. */
export interface RowChoiceExports {
  /** As int32: -1 where the lease is full. */
  kernel_distinct(
    columns: number,
    columnCount: number,
    selection: number,
    count: number,
    seed: bigint,
    out: number,
  ): number;
  kernel_sample(
    offsets: number,
    first: bigint,
    records: number,
    selection: number,
    count: number,
    seed: bigint,
    threshold: bigint,
    out: number,
  ): number;
}

/** `kernels-time*.cpp`; `part`, `op`: as in their headers. They answer as `KernelExports` do. */
export interface TimeExports {
  kernel_time_extract(part: number, column: number, selection: number, count: number): number;
  kernel_time_truncate(
    part: number,
    column: number,
    param: number,
    selection: number,
    count: number,
  ): number;
  kernel_time_diff(
    part: number,
    start: number,
    end: number,
    selection: number,
    count: number,
  ): number;
  kernel_time_sum(
    op: number,
    left: number,
    right: number,
    factor: bigint,
    type: number,
    param: number,
    selection: number,
    count: number,
  ): number;
  /** `pattern`: in the state heap; `most`: bytes that it writes at most. */
  kernel_time_format(
    column: number,
    pattern: number,
    most: number,
    selection: number,
    count: number,
  ): number;
  kernel_time_parse(
    column: number,
    pattern: number,
    param: number,
    misfit: number,
    selection: number,
    count: number,
  ): number;
}

/** Everything the module exports. */
export interface WasmExports
  extends ArenaExports,
    JsonReaderExports,
    InferExports,
    Crc32cExports,
    RecordsExports,
    BatchWriterExports,
    ValueExports,
    MetadataExports,
    KernelExports,
    TextKernelExports,
    TimeExports,
    UnnestExports,
    RowChoiceExports {}
