/** The clients of a plan: who connects for which source or sink. */
import type { ConnectionOptions, KafkaClient } from '../ingest/client.ts';
import { createClient } from '../ingest/clients/choose.ts';
import { needsOf } from '../ingest/clients/needs.ts';
import { isSameConnection } from '../ingest/connection-options.ts';
import {
  type KafkaSinkPlan,
  type KafkaSourcePlan,
  type Plan,
  sinksOf,
  sourcesOf,
} from '../plan.ts';

/** A source or sink that has a connection. */
export type KafkaEnd = KafkaSourcePlan | KafkaSinkPlan;

/** The Kafka sources of a plan, then its Kafka sinks, each once. */
export function kafkaEnds(plan: Plan): readonly KafkaEnd[] {
  return [...sourcesOf(plan), ...sinksOf(plan)].filter((end) => end.kind === 'kafka');
}

/** One client and what it is for. */
interface Shared {
  readonly ends: KafkaEnd[];
  client?: KafkaClient;
}

/**
 * One client for each source, since a client is a member of one group; sinks share that of a
 * source, or of a sink, which has the same connection.
 */
export class Clients {
  readonly #make: ((options: ConnectionOptions) => KafkaClient) | undefined;
  readonly #shared: readonly Shared[];

  /** @param make for tests; default: as the option `client` says. */
  constructor(plan: Plan, make: ((options: ConnectionOptions) => KafkaClient) | undefined) {
    this.#make = make;
    const shared: Shared[] = [];
    for (const end of kafkaEnds(plan)) {
      const isSource = 'topics' in end;
      const same = shared.find(
        ({ ends: [owner] }) => !isSource && isSameConnection(owner!.connection, end.connection),
      );
      if (same === undefined) shared.push({ ends: [end] });
      else same.ends.push(end);
    }
    this.#shared = shared;
  }

  /**
   * The client of a source or sink.
   *
   * @throws MillraceError where a library cannot do what its ends want.
   */
  of(end: KafkaEnd): KafkaClient {
    const shared = this.#shared.find(({ ends }) => ends.includes(end))!;
    const { connection } = shared.ends[0]!;
    shared.client ??=
      this.#make?.(connection) ?? createClient(connection, { needs: shared.ends.map(needsOf) });
    return shared.client;
  }

  /** Closes those that were made. */
  async close(): Promise<void> {
    const made = new Set(this.#shared.flatMap(({ client }) => client ?? []));
    await Promise.all([...made].map((client) => client.close()));
  }
}
