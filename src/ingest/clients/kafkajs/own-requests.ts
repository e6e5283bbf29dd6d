/**
 * kafkajs's own Fetch and Produce requests, for versions of it that are not known well enough to
 * pass record batches as bytes.
 *
 * Raw requests keep views of what kafkajs received for as long as morsels need them, and send from
 * memory that kafkajs does not know of: that is safe where its code was read. What is here hands
 * every message over as an object and keeps nothing of kafkajs's. The requests are taken below
 * `broker.fetch` and `broker.produce`, which throw for the first partition with an error and do not
 * say what became of the others.
 */
import type { ProtocolRequest, Require } from './internals.ts';

/** The newest versions that every kafkajs 2 has; Kafka 3.0 and later know both. */
const FETCH_VERSION = 11;
const PRODUCE_VERSION = 7;

/** A header's value; several of one name are an array. */
export type HeaderValue = Buffer | null;

/** What kafkajs says of the batch that a message came in, one object per batch. */
export interface BatchContext {
  readonly firstOffset: string;
  readonly lastOffsetDelta: number;
  readonly maxTimestamp: string;
  /** 1: the broker's time, the same for the whole batch. */
  readonly timestampType: number;
  readonly inTransaction: boolean;
  readonly isControlBatch: boolean;
  readonly producerId: string;
  readonly producerEpoch: number;
}

/** A fetched message as kafkajs makes it; numbers of 64 bits are in decimal. */
export interface FetchedMessage {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, HeaderValue | readonly HeaderValue[]>>;
  /** Absent: it came in a format from before Kafka 0.11. */
  readonly batchContext?: BatchContext;
}

/** A message to produce as kafkajs takes it. */
export interface ProducedMessage {
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | readonly Buffer[]>>;
}

interface ByTopic<Partition> {
  readonly topicName: string;
  readonly partitions: readonly Partition[];
}

/** What kafkajs decodes the answer to a fetch to. */
export interface OwnFetchAnswer {
  readonly errorCode: number;
  readonly responses: readonly ByTopic<{
    readonly partition: number;
    readonly errorCode: number;
    readonly highWatermark: string;
    readonly lastStableOffset: string;
    /** kafkajs's name for the log's start. */
    readonly lastStartOffset: string;
    readonly abortedTransactions: readonly {
      readonly producerId: string;
      readonly firstOffset: string;
    }[];
    readonly preferredReadReplica: number;
    /** Of all isolations: those of aborted transactions and control messages are among them. */
    readonly messages: readonly FetchedMessage[];
  }>[];
}

/** What kafkajs decodes the answer to a produce to. */
export interface OwnProduceAnswer {
  readonly topics: readonly ByTopic<{
    readonly partition: number;
    readonly errorCode: number;
    readonly baseOffset: string;
    readonly logAppendTime: string;
  }>[];
}

/** What a fetch asks for. */
export interface OwnFetchInput {
  readonly maxWaitTime: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly isolationLevel: number;
  readonly rackId: string;
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly currentLeaderEpoch: number;
      readonly fetchOffset: string;
      readonly maxBytes: number;
    }[];
  }[];
}

/** What a produce sends: batches of one producer, compressed alike. */
export interface OwnProduceInput {
  readonly acks: number;
  readonly timeout: number;
  readonly transactionalId: string | null;
  readonly producerId: string;
  readonly producerEpoch: number;
  readonly compression: number;
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly firstSequence: number;
      readonly messages: readonly ProducedMessage[];
    }[];
  }[];
}

/** One request, and how its answer is decoded; kafkajs's own `parse` is left out. */
export interface OwnRequest<Answer> {
  readonly request: ProtocolRequest;
  readonly response: { decode(payload: Buffer): Promise<Answer> };
}

/** Makes kafkajs's requests. */
export interface OwnRequests {
  fetch(input: OwnFetchInput): OwnRequest<OwnFetchAnswer>;
  produce(input: OwnProduceInput): OwnRequest<OwnProduceAnswer>;
}

type Make<Input, Answer> = (input: Input) => OwnRequest<Answer>;

interface Definitions {
  readonly Fetch?: { protocol(of: { version: number }): unknown };
  readonly Produce?: { protocol(of: { version: number }): unknown };
}

/** kafkajs's requests; `undefined` where they are not what is known of kafkajs 2. */
export function ownRequests(load: Require): OwnRequests | undefined {
  const { requests } = load('kafkajs/src/protocol/requests/index.js') as {
    readonly requests?: Definitions;
  };
  const { Fetch, Produce } = requests ?? {};
  if (!isFunction(Fetch?.protocol) || !isFunction(Produce?.protocol)) return undefined;
  const fetch = Fetch?.protocol({ version: FETCH_VERSION });
  const produce = Produce?.protocol({ version: PRODUCE_VERSION });
  if (!isFunction(fetch) || !isFunction(produce)) return undefined;
  const known = {
    fetch: fetch as Make<OwnFetchInput, OwnFetchAnswer>,
    produce: produce as Make<OwnProduceInput, OwnProduceAnswer>,
  };
  return isRequest(known.fetch(EMPTY_FETCH)) && isRequest(known.produce(EMPTY_PRODUCE))
    ? known
    : undefined;
}

const EMPTY_FETCH: OwnFetchInput = {
  maxWaitTime: 0,
  minBytes: 0,
  maxBytes: 0,
  isolationLevel: 0,
  rackId: '',
  topics: [],
};
const EMPTY_PRODUCE: OwnProduceInput = {
  acks: -1,
  timeout: 0,
  transactionalId: null,
  producerId: '-1',
  producerEpoch: -1,
  compression: 0,
  topicData: [],
};

function isRequest({ request, response }: Partial<OwnRequest<unknown>>): boolean {
  return isFunction(request?.encode) && isFunction(response?.decode);
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}
