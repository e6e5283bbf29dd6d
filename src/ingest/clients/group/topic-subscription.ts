/** The topics of a group member: those it names, and those that its pattern matches now. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { GroupOptions } from '../../client.ts';
import type { GroupCluster } from './group-cluster.ts';

/** How often the list of topics and their partitions is read again, ms. */
export const TOPICS_REFRESH_MS = 30_000;

/** What one member subscribes to; {@link names} change with {@link refresh}. */
export class TopicSubscription {
  /** Sorted; each once. */
  names: readonly string[];
  readonly #cluster: GroupCluster;
  readonly #topics: readonly string[];
  readonly #pattern: RegExp | undefined;

  private constructor(cluster: GroupCluster, options: Pick<GroupOptions, 'topics' | 'pattern'>) {
    this.#cluster = cluster;
    this.#topics = options.topics;
    this.#pattern = options.pattern && wholeName(options.pattern);
    this.names = [...new Set(options.topics)].sort();
  }

  /** Rejects with `UNKNOWN_TOPIC` where a topic that is named does not exist. */
  static async read(
    cluster: GroupCluster,
    options: Pick<GroupOptions, 'topics' | 'pattern'>,
  ): Promise<TopicSubscription> {
    const subscription = new TopicSubscription(cluster, options);
    if (options.topics.length > 0) await cluster.topics(options.topics);
    await subscription.refresh();
    return subscription;
  }

  /** Matches the pattern again; whether the names have changed. */
  async refresh(): Promise<boolean> {
    const pattern = this.#pattern;
    if (pattern === undefined) return false;
    const matching = (await this.#cluster.topicNames()).filter((name) => pattern.test(name));
    const names = [...new Set([...this.#topics, ...matching])].sort();
    const changed = names.join() !== this.names.join();
    this.names = names;
    return changed;
  }
}

/** Calls `look` every `everyMs` until it finds something (true) or `signal` fires. */
export async function lookUntil(
  look: () => Promise<boolean>,
  everyMs: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await sleep(everyMs, undefined, { signal });
      if (await look()) return;
    } catch {
      // Stopped, or the cluster does not answer now: the heartbeats judge that, and whoever looks
      // looks again.
      if (signal.aborted) return;
    }
  }
}

// Without `g` and `y`, which would have each test begin where the last one ended.
function wholeName({ source, flags }: RegExp): RegExp {
  return new RegExp(`^(?:${source})$`, flags.replace(/[gy]/g, ''));
}
