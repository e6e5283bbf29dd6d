/** Which partition a message goes to, one by one. */
import { MillraceError } from '../errors.ts';
import { partitionForKey } from '../ingest/partitioner.ts';
import { shownValue } from '../shown-value.ts';
import { fieldOf, keyBytes } from './message.ts';
import type { KeyInput } from './record.ts';
import type { RowSinkSettings } from './row-sink-options.ts';

/** Chooses partitions of one topic. */
export class PartitionChooser {
  readonly #partitioner: RowSinkSettings['partitioner'];
  /** Partitions of the topic. */
  partitions: number;
  #turn: number;

  /** @param firstTurn where the turns of messages without a key begin. */
  constructor(
    partitioner: RowSinkSettings['partitioner'],
    partitions: number,
    firstTurn = Math.floor(Math.random() * partitions),
  ) {
    this.#partitioner = partitioner;
    this.partitions = partitions;
    this.#turn = firstTurn % partitions;
  }

  /**
   * The partition of a message.
   *
   * @param given what the message says itself.
   * @param partitions how many there are, where all messages of a list are to find the same.
   * @throws MillraceError `INVALID_OPTION` for a number that is no partition, or where only whole
   *   batches can be dealt.
   */
  choose(
    value: unknown,
    key: Uint8Array | null,
    given: number | undefined,
    partitions = this.partitions,
  ): number {
    if (given !== undefined) return checkPartition(given, this.partitions, 'partition');
    const partitioner = this.#partitioner;
    if (typeof partitioner === 'string') {
      if (partitioner === 'round-robin' || key === null) return this.#next(partitioner, partitions);
      return partitionForKey(key, partitions);
    }
    if ('column' in partitioner) {
      const bytes = keyBytes(this.#column(value, partitioner.column));
      return bytes === null
        ? this.#next('murmur2', partitions)
        : partitionForKey(bytes, partitions);
    }
    if ('partitionColumn' in partitioner) {
      const number = fieldOf(value, partitioner.partitionColumn);
      const plain = typeof number === 'bigint' ? Number(number) : number;
      return checkPartition(plain, partitions, `the field ${partitioner.partitionColumn}`);
    }
    if ('row' in partitioner) {
      const chosen = partitioner.row(value, partitions);
      return checkPartition(chosen, partitions, 'the partitioner');
    }
    throw new MillraceError(
      'the partitioner { batch } deals record batches, and this is a row; send a RecordBatch by ' +
        'sendBatch, or give { row }',
      { code: 'INVALID_OPTION', context: { option: 'partitioner' } },
    );
  }

  /** A batch of this partition is complete: messages that stuck to it go on to the next. */
  batchClosed(partition: number): void {
    if (this.#partitioner !== 'sticky' || partition !== this.#turn) return;
    this.#turn = (this.#turn + 1) % this.partitions;
  }

  // A field that is misspelt would deal the messages of one customer to all partitions.
  #column(value: unknown, column: string): KeyInput {
    const field = fieldOf(value, column) as KeyInput;
    if (field !== undefined) return field;
    throw new MillraceError(
      `the message has no field '${column}', which says its partition; give the field null where ` +
        'any will do, or the partition itself: send(value, { partition })',
      { code: 'INVALID_OPTION', context: { option: 'partitioner', field: column } },
    );
  }

  #next(partitioner: 'murmur2' | 'round-robin' | 'sticky', partitions: number): number {
    const partition = this.#turn % partitions;
    if (partitioner !== 'sticky') this.#turn = (partition + 1) % partitions;
    return partition;
  }
}

/**
 * A partition that a user's function, field or option says.
 *
 * @throws MillraceError `INVALID_OPTION` where the topic has no such partition.
 */
export function checkPartition(partition: unknown, partitions: number, origin: string): number {
  if (Number.isInteger(partition)) {
    const number = partition as number;
    if (number >= 0 && number < partitions) return number;
  }
  const problem =
    typeof partition === 'number'
      ? `${partition}, but the topic has`
      : `${shownValue(partition, { depth: 0 })}, which is no number; give a whole number from`;
  throw new MillraceError(`${origin} says partition ${problem} 0 to ${partitions - 1}`, {
    code: 'INVALID_OPTION',
    context: { option: 'partitioner', partitions },
  });
}
