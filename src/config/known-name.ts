/** What is known of a name that other Kafka clients have. */
import type { Reader } from './reading.ts';

/**
 * Where an option lies: `connection` may also be said of one side (`kafka.producer.retries`), the
 * others lie where they lie.
 */
export type Side = 'connection' | 'source' | 'sink' | 'run' | 'config';

/** Which side a name was given for: `kafka.consumer.…`, `kafka.producer.…`, or both. */
export type Role = 'consumer' | 'producer' | 'both';

/** One row of the table: names, and the option that they stand for. */
export interface KnownName {
  /** Canonical names, the usual one first. An ending `*` stands for any rest. */
  readonly names: readonly string[];
  readonly side: Side;
  /** The option's path inside its side: `group.sessionTimeoutMs`; absent: there is none. */
  readonly option?: string;
  /** Another option that the value stands for, too: its path from the side on. */
  readonly also?: string;
  /** Reads the value; says what is wrong, or what there is to know. */
  readonly read: Reader;
  /** One sentence for the reference: how the value is taken, or why there is no such option. */
  readonly doc: string;
  /** The value is never shown. */
  readonly isSecret?: true;
}
