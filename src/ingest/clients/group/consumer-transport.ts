/**
 * The requests of one member in protocol `consumer` (KIP-848), whichever library sends them. None
 * is retried but `commit` and `topicsById`; Kafka's refusals come as errors with Kafka's name in
 * their context.
 */
import type { OffsetCommit } from '../../client.ts';
import type { GroupIdentity } from './group-transport.ts';

/** Partitions of one topic, which this protocol names by its id. */
export interface TopicIdPartitions {
  topicId: string;
  partitions: number[];
}

/** What a member says; what is null is as it was before. */
export interface ConsumerBeat {
  readonly memberId: string;
  readonly epoch: number;
  /** -1: as before. */
  readonly rebalanceTimeoutMs: number;
  readonly topics: readonly string[] | null;
  readonly owned: readonly TopicIdPartitions[] | null;
}

/** What it is told. */
export interface ConsumerBeatAnswer {
  readonly memberEpoch: number;
  readonly heartbeatIntervalMs: number;
  /** What the member is to have; null: as before. */
  readonly assignment: readonly TopicIdPartitions[] | null;
}

/** Sends the requests of one member; made once per membership. */
export interface ConsumerTransport {
  /** One ConsumerGroupHeartbeat; `what` it is for, as in "Joining". */
  heartbeat(what: string, beat: ConsumerBeat): Promise<ConsumerBeatAnswer>;
  /** Names by topic id, of those of `names` that there are. */
  topicsById(names: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Retries what passes; the member's epoch is its generation. */
  commit(member: GroupIdentity, offsets: readonly OffsetCommit[]): Promise<void>;
  close(): Promise<void>;
}
