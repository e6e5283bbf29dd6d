/** Which topics there are, and how many partitions they have; unknown ones are no error here. */

import { type metadataV12, ResponseError } from '@platformatic/kafka';
import { METADATA } from './apis.ts';
import type { Cluster } from './cluster.ts';
import { toMillraceError } from './errors.ts';

type Topics = metadataV12.MetadataResponse['topics'];

/** Number of partitions by topic, of those that there are. */
export type PartitionCounts = ReadonlyMap<string, number>;

/** Names of all topics that this principal may see, without internal ones, sorted. */
export async function topicNames(cluster: Cluster): Promise<string[]> {
  const topics = await readTopics(cluster, null, 'the list of topics');
  return topics
    .filter(({ isInternal, name }) => !isInternal && name != null)
    .map(({ name }) => name!)
    .sort();
}

/** Partitions of each of `names` as the cluster has them now; topics that are not there lack. */
export async function partitionCounts(
  cluster: Cluster,
  names: readonly string[],
): Promise<PartitionCounts> {
  if (names.length === 0) return new Map();
  const topics = await readTopics(cluster, [...names], `the partitions of ${names.join(', ')}`);
  return new Map(
    topics
      .filter(({ partitions }) => partitions.length > 0)
      .map(({ name, partitions }) => [name!, partitions.length]),
  );
}

/** Names by topic id, of those of `names` that there are. */
export async function topicsById(
  cluster: Cluster,
  names: readonly string[],
): Promise<Map<string, string>> {
  if (names.length === 0) return new Map();
  const topics = await readTopics(cluster, [...names], `the ids of ${names.join(', ')}`);
  return new Map(
    topics.filter(({ errorCode }) => errorCode === 0).map(({ topicId, name }) => [topicId, name!]),
  );
}

function readTopics(cluster: Cluster, names: string[] | null, what: string): Promise<Topics> {
  return cluster.retrying(async () => {
    try {
      const broker = await cluster.anyBroker();
      return (await broker.call(METADATA, names, false)).topics;
    } catch (error) {
      // Errors of single topics come as an exception, with the whole answer inside.
      const inside: unknown = error instanceof ResponseError ? error.response : undefined;
      if (inside === undefined) throw toMillraceError(error, `Reading ${what}`);
      return (inside as metadataV12.MetadataResponse).topics;
    }
  });
}
