/** Which topics a plan reads, as the cluster has them now. */
import { isDeepStrictEqual } from 'node:util';
import { MillraceError } from '../errors.ts';
import type { KafkaSourcePlan } from '../plan.ts';
import type { KafkaClient, PartitionInfo, TopicInfo, TopicPartition } from './client.ts';

/** Whether the whole of a topic's name matches, as a group's members and brokers see it. */
export function matchesWhole(pattern: RegExp, topic: string): boolean {
  return new RegExp(`^(?:${pattern.source})$`, pattern.flags).test(topic);
}

/** The topics of a plan: those it names, and those that match its pattern. */
export class Subscription {
  readonly #plan: KafkaSourcePlan;
  readonly #client: KafkaClient;

  constructor(plan: KafkaSourcePlan, client: KafkaClient) {
    this.#plan = plan;
    this.#client = client;
  }

  /** Names of the topics; with a pattern the cluster is asked which there are. */
  async names(): Promise<readonly string[]> {
    const { topics, pattern } = this.#plan;
    if (pattern === undefined) return topics;
    const all = await this.#client.topicNames();
    const matching = all.filter((topic) => matchesWhole(pattern, topic));
    return [...new Set([...topics, ...matching])];
  }

  /**
   * Every partition that the plan means, whoever reads it.
   *
   * @throws MillraceError `UNKNOWN_TOPIC` for a topic or partition that is named and not there.
   */
  async partitions(refresh = false): Promise<PartitionInfo[]> {
    const topics = await this.#topics(refresh);
    const all = topics.flatMap((topic) => topic.partitions);
    return this.#plan.partitions?.map((one) => findPartition(all, one, 'partitions')) ?? all;
  }

  // One that a pattern named may go between the two questions: it is not in the next list.
  async #topics(refresh: boolean): Promise<readonly TopicInfo[]> {
    let names = await this.names();
    while (names.length > 0) {
      try {
        return await this.#client.topics(names, { refresh });
      } catch (error) {
        if (MillraceError.from(error).code !== 'UNKNOWN_TOPIC') throw error;
        const before = names;
        names = await this.names();
        if (isDeepStrictEqual(names, before)) throw error;
      }
    }
    return [];
  }
}

/**
 * That partition among those that there are.
 *
 * @param option what names it, for the error.
 * @throws MillraceError `UNKNOWN_TOPIC` where there is none of that number.
 */
export function findPartition<Info extends TopicPartition>(
  all: readonly Info[],
  { topic, partition }: TopicPartition,
  option: string,
): Info {
  const same = all.filter((info) => info.topic === topic);
  const found = same.find((info) => info.partition === partition);
  if (found !== undefined) return found;
  const numbers = same.length === 1 ? 'only partition 0' : `partitions 0 to ${same.length - 1}`;
  throw new MillraceError(
    `the topic "${topic}" has no partition ${partition}; it has ${numbers}: mend ${option}`,
    { code: 'UNKNOWN_TOPIC', context: { topic, partition } },
  );
}
