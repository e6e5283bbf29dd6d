/** Where a rival's ingest puts its rows: objects in arrays, or Arrow batches of them. */

import { RowDigest } from '../broker/digest.ts';
import type { EngineJob } from '../broker/engine-job.ts';
import { POOL_WORKLOAD } from '../broker/pool.ts';
import { buildBatch } from '../compare/arrow-builders.ts';
import type { Row } from '../compare/json-parse.ts';
import { readBatchRow, readObjectRow } from '../records.ts';

/** Takes the values of messages one by one. */
export class RowSink {
  /** Messages taken. */
  messages = 0;
  readonly #into: EngineJob['into'];
  readonly #batchRows: number;
  readonly #digest: RowDigest | undefined;
  #rows: Row[] = [];

  constructor({ into, batch, digest }: EngineJob) {
    this.#into = into;
    this.#batchRows = batch.rows;
    this.#digest = digest ? new RowDigest() : undefined;
  }

  /** Parses a message. */
  take(value: Buffer): void {
    this.messages += 1;
    this.#rows.push(JSON.parse(value.toString()) as Row);
    if (this.#rows.length >= this.#batchRows) this.#close();
  }

  /** Makes the last batch. Returns the digest where one was asked for. */
  end(): string | undefined {
    if (this.#rows.length > 0) this.#close();
    return this.#digest?.toString();
  }

  #close(): void {
    const { schema } = POOL_WORKLOAD;
    const rows = this.#rows;
    this.#rows = [];
    if (this.#into === 'objects') {
      for (const row of this.#digest ? rows : []) this.#digest?.add(readObjectRow(row, schema));
      return;
    }
    const batch = buildBatch(schema, rows);
    if (this.#digest === undefined) return;
    for (let i = 0; i < batch.numRows; i++) this.#digest.add(readBatchRow(batch, i, schema));
  }
}
