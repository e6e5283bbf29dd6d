/** Joins a group in the protocol that is asked for. */

import type { GroupListener, GroupOptions } from '../../client.ts';
import { ClassicMembership } from '../group/classic-membership.ts';
import type { Membership } from '../group/membership.ts';
import { TOPICS_REFRESH_MS } from '../group/topic-subscription.ts';
import type { Cluster } from './cluster.ts';
import { ConsumerMembership } from './consumer-membership.ts';
import { groupCluster, PlatformaticTransport } from './group-transport.ts';

/**
 * Resolves once the group has taken the member in; its first `onAssign` follows. Rejects where it
 * cannot join at all.
 *
 * @param topicsRefreshMs how often the list of topics and their partitions is read again.
 */
export async function joinGroup(
  cluster: Cluster,
  options: GroupOptions,
  listener: GroupListener,
  topicsRefreshMs = TOPICS_REFRESH_MS,
): Promise<Membership> {
  const settings = { options, listener, topicsRefreshMs };
  const membership =
    options.protocol === 'consumer'
      ? new ConsumerMembership(cluster, settings)
      : new ClassicMembership(
          { ...settings, cluster: groupCluster(cluster) },
          new PlatformaticTransport(cluster, options),
        );
  await membership.start();
  return membership;
}
