/** The connections of one group member to its coordinator, looked up again where that moved. */

import type { ErrorContext, MillraceError } from '../../../errors.ts';
import type { ConnectionOptions, GroupOptions } from '../../client.ts';
import { isPassing } from '../kafka-errors.ts';

let links = 0;

/** A client's cluster as a link sees it. */
export interface LinkCluster<Broker> {
  readonly options: Pick<ConnectionOptions, 'requestTimeoutMs'>;
  readonly connections: { drop(purpose: string): Promise<void> };
  coordinator(groupId: string): Promise<number>;
  connection(purpose: string, node: number, requestTimeoutMs: number): Promise<Broker>;
  forgetCoordinator(groupId: string): void;
}

/** A client's cluster, and how its library's errors become ours. */
export interface LinkParts<Broker> {
  readonly cluster: LinkCluster<Broker>;
  toMillraceError(error: unknown, what: string, context?: ErrorContext): MillraceError;
}

/** Sends the requests of one member; none is retried here. */
export class CoordinatorLink<Broker> {
  readonly #parts: LinkParts<Broker>;
  readonly #options: GroupOptions;
  /** JoinGroup waits for other members; heartbeats must not wait behind it. */
  readonly #joinPurpose: string;
  readonly #purpose: string;

  constructor(parts: LinkParts<Broker>, options: GroupOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#purpose = `member-${links++}`;
    this.#joinPurpose = `${this.#purpose}-join`;
  }

  /** One request that is answered at once; `what` it is for, as in "Sending a heartbeat". */
  call<T>(what: string, request: (broker: Broker) => Promise<T>): Promise<T> {
    const { requestTimeoutMs } = this.#parts.cluster.options;
    // A heartbeat that is not answered within the session has failed, whatever else may wait.
    const timeoutMs = Math.min(requestTimeoutMs, this.#options.sessionTimeoutMs);
    return this.#send(this.#purpose, timeoutMs, what, request);
  }

  /** One request whose answer waits for the other members. */
  callAndWait<T>(what: string, request: (broker: Broker) => Promise<T>): Promise<T> {
    const { requestTimeoutMs } = this.#parts.cluster.options;
    const timeoutMs = requestTimeoutMs + this.#options.rebalanceTimeoutMs;
    return this.#send(this.#joinPurpose, timeoutMs, what, request);
  }

  /** Makes a {@link callAndWait} that is under way reject. */
  abortWaiting(): Promise<void> {
    return this.#parts.cluster.connections.drop(this.#joinPurpose);
  }

  async close(): Promise<void> {
    await this.abortWaiting();
    await this.#parts.cluster.connections.drop(this.#purpose);
  }

  async #send<T>(
    purpose: string,
    timeoutMs: number,
    what: string,
    request: (broker: Broker) => Promise<T>,
  ): Promise<T> {
    const { cluster, toMillraceError } = this.#parts;
    const { groupId } = this.#options;
    try {
      const node = await cluster.coordinator(groupId);
      return await request(await cluster.connection(purpose, node, timeoutMs));
    } catch (error) {
      const known = toMillraceError(error, `${what} (group '${groupId}')`, { groupId });
      if (isPassing(known)) cluster.forgetCoordinator(groupId);
      throw known;
    }
  }
}
