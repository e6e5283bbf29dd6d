/** What both clients do around a raw produce: the order of requests, and what answers mean. */
import type { ProduceBatch, ProduceResult } from '../client.ts';
import { kafkaErrorName } from './kafka-errors.ts';

/** One partition of an answer. */
export interface RawProducePartition {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly baseOffset: bigint;
  readonly logAppendTimeMs: bigint;
  readonly errorMessage: string | null;
}

/** Gives requests their connections in the order in which they came, broker by broker. */
export class ConnectionTurns<Connection> {
  readonly #connect: (node: number) => Promise<Connection>;
  /** Per node, when the request before has got its connection: so that the order is kept. */
  readonly #turns = new Map<number, Promise<void>>();

  constructor(connect: (node: number) => Promise<Connection>) {
    this.#connect = connect;
  }

  /** The connection to a broker, when every request before has its own. */
  next(node: number): Promise<Connection> {
    const before = this.#turns.get(node) ?? Promise.resolve();
    const connected = before.then(() => this.#connect(node));
    // A failure is the business of its own caller; the next one tries to connect again.
    const turn = connected.then(ignore, ignore);
    this.#turns.set(node, turn);
    return connected;
  }
}

function ignore(): void {}

/** What becomes of a batch that nothing is said of: it was sent with acks 0. */
export function unacknowledged(topic: string, partition: number): ProduceResult {
  return { topic, partition, baseOffset: -1n, logAppendTimeMs: -1n };
}

/** In the order of the request; a batch that the answer leaves out counts as refused. */
export function produceResults(
  batches: readonly ProduceBatch[],
  answer: readonly RawProducePartition[],
): ProduceResult[] {
  const answers = new Map(answer.map((part) => [`${part.partition}/${part.topic}`, part]));
  return batches.map(({ topic, partition }) => {
    const part = answers.get(`${partition}/${topic}`);
    if (part === undefined) {
      return { ...unacknowledged(topic, partition), error: 'UNKNOWN_SERVER_ERROR' };
    }
    const { errorCode, baseOffset, logAppendTimeMs, errorMessage } = part;
    const stored = { topic, partition, baseOffset, logAppendTimeMs };
    if (errorCode === 0) return stored;
    const refused = { ...stored, error: kafkaErrorName(errorCode) };
    return errorMessage ? { ...refused, errorMessage } : refused;
  });
}
