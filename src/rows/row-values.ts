/** What the messages of a source are, as its owner gets them. */
import { MillraceError } from '../errors.ts';
import { textOf } from './message-text.ts';
import type { RowReader } from './row-reader.ts';
import type { RowSourceSettings } from './row-source-options.ts';
import { badMessage } from './source-errors.ts';

/** A row's value; `passed` where it has none: settles when whoever takes such messages is done. */
export interface RowValue {
  readonly value: unknown;
  readonly passed: Promise<void> | undefined;
}

/** Reads the values of one source. */
export class RowValues {
  /** Messages that were no JSON or no text. */
  rejects = 0;
  readonly #settings: Pick<RowSourceSettings, 'shape' | 'onBadMessage'>;

  constructor(settings: Pick<RowSourceSettings, 'shape' | 'onBadMessage'>) {
    this.#settings = settings;
  }

  /**
   * The value of the reader's current row. What is no JSON or no text goes to `onBadMessage`, and
   * is not done with before that is: where it fails nothing more is read.
   *
   * @throws MillraceError `BAD_MESSAGE` where there is no `onBadMessage`.
   */
  read(reader: RowReader): RowValue {
    const { rows, row } = reader;
    const value = rows.value(row);
    const { shape } = this.#settings;
    if ((shape !== 'json' && shape !== 'text') || value === null) {
      return { value, passed: undefined };
    }
    try {
      const text = textOf(value as Buffer);
      return { value: shape === 'json' ? JSON.parse(text) : text, passed: undefined };
    } catch (error) {
      this.rejects += 1;
      const problem = badMessage(rows, row, error);
      if (this.#settings.onBadMessage === undefined) throw problem;
      return { value, passed: this.#pass(reader, problem, value as Buffer) };
    }
  }

  async #pass(reader: RowReader, problem: MillraceError, bytes: Buffer): Promise<void> {
    const { rows, row } = reader;
    reader.passing = true;
    try {
      await this.#settings.onBadMessage!(problem, rows.record(row, bytes));
    } catch (cause) {
      const { topic, partition, offset } = problem.context;
      const { message } = MillraceError.from(cause);
      const failure = new MillraceError(
        `onBadMessage failed on ${topic}-${partition} offset ${offset}: ${message}`,
        { code: 'CONSUMER_FAILED', context: problem.context, cause },
      );
      reader.fail(rows, row, failure);
      throw failure;
    } finally {
      reader.passing = false;
    }
  }
}
