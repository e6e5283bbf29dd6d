/**
 * Which replica to read each partition from, where it is not the leader (KIP-392).
 *
 * A leader that is asked by a client of another rack names a replica of that rack instead of
 * sending records. It is read until it fails, or for some minutes: the leader then says again.
 */
import type {
  FetchFailure,
  FetchRequest,
  FetchResult,
  TopicInfo,
  TopicPartition,
} from '../client.ts';

/** How long a leader's word holds, ms; Kafka's own client asks as often. */
export const REPLICA_MAX_MS = 300_000;
/** Partitions that are kept; beyond, all are asked for again. */
const PARTITIONS_MAX = 100_000;

/** What is true of the error here is only that the partition is to be read somewhere else. */
const MOVED = 'NOT_LEADER_OR_FOLLOWER';

/** An answer, and the partitions for which a replica was named in the place of records. */
export interface ReadResult extends FetchResult {
  readonly nearer: readonly (TopicPartition & { readonly replica: number })[];
}

interface Choice {
  readonly node: number;
  readonly untilMs: number;
}

/** What leaders said; made once per client. */
export class ReadReplicas {
  readonly #choices = new Map<string, Choice>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** The partition is to be read from `node` from now on. */
  choose(topic: string, partition: number, node: number): void {
    if (this.#choices.size >= PARTITIONS_MAX) this.#choices.clear();
    const untilMs = this.#nowMs() + REPLICA_MAX_MS;
    this.#choices.set(`${partition}/${topic}`, { node, untilMs });
  }

  /** The partition is to be read from its leader again. */
  forget(topic: string, partition: number): void {
    this.#choices.delete(`${partition}/${topic}`);
  }

  /** The same, for all that were read from `node`. */
  forgetNode(node: number): void {
    for (const [key, choice] of this.#choices) {
      if (choice.node === node) this.#choices.delete(key);
    }
  }

  /** Whether it was `node` that a leader named, and its word does not hold any more. */
  hasExpired(topic: string, partition: number, node: number): boolean {
    const choice = this.#choices.get(`${partition}/${topic}`);
    return choice !== undefined && choice.node === node && choice.untilMs <= this.#nowMs();
  }

  /** `info` with `readFrom` where a replica that is one of `nodes` was named. */
  applyTo(info: TopicInfo, nodes: ReadonlyMap<number, unknown>): TopicInfo {
    if (this.#choices.size === 0) return info;
    const partitions = info.partitions.map((part) => {
      const choice = this.#choices.get(`${part.partition}/${part.topic}`);
      if (choice === undefined || !nodes.has(choice.node)) return part;
      if (choice.untilMs <= this.#nowMs()) return part;
      return Object.freeze({ ...part, readFrom: choice.node });
    });
    return Object.freeze({ ...info, partitions });
  }
}

/**
 * Keeps in `replicas` what an answer says of where to read, and has its partitions that are to be
 * read elsewhere fail as moved.
 *
 * @param infos the topics as they were when the request was sent.
 */
export function followReplicas(
  replicas: ReadReplicas,
  { node, positions }: FetchRequest,
  infos: ReadonlyMap<string, TopicInfo>,
  { sets, failures: refused, nearer }: ReadResult,
): FetchResult {
  const failures: FetchFailure[] = [];
  for (const { topic, partition, error } of refused) {
    const ledHere = infos.get(topic)?.partitions[partition]?.leader === node;
    if (!ledHere) replicas.forget(topic, partition);
    // A replica may be behind what its leader has told us of: the offset is then not wrong.
    const misses = !ledHere && error.startsWith('OFFSET_');
    failures.push({ topic, partition, error: misses ? MOVED : error });
  }
  for (const { topic, partition, replica } of nearer) {
    replicas.choose(topic, partition, replica);
    failures.push({ topic, partition, error: MOVED });
  }
  for (const { topic, partition } of positions) {
    if (!replicas.hasExpired(topic, partition, node)) continue;
    replicas.forget(topic, partition);
    failures.push({ topic, partition, error: MOVED });
  }
  return { sets, failures };
}
