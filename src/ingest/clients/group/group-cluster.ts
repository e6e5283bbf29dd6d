/** What a group member needs to know of its cluster, whichever library asks it. */
import type { ConnectionOptions, TopicInfo } from '../../client.ts';

/** The cluster as members see it. */
export interface GroupCluster {
  readonly options: Pick<ConnectionOptions, 'retries' | 'retryDelayMs'>;
  /** Fires when the client is closed. */
  readonly signal: AbortSignal;
  /** Rejects with `UNKNOWN_TOPIC` where one does not exist. */
  topics(names: readonly string[]): Promise<readonly TopicInfo[]>;
  /** Names of all topics that this principal may see, without internal ones, sorted. */
  topicNames(): Promise<string[]>;
}
