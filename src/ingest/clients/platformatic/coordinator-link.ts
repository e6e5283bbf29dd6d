/** The connections of one group member to its coordinator, looked up again where that moved. */

import type { ErrorContext } from '../../../errors.ts';
import type { GroupOptions } from '../../client.ts';
import type { ApiVersions } from './apis.ts';
import type { Cluster } from './cluster.ts';
import { isPassing, toMillraceError } from './errors.ts';

let links = 0;

/** Sends the requests of one member; none is retried here. */
export class CoordinatorLink {
  readonly #cluster: Cluster;
  readonly #options: GroupOptions;
  /** JoinGroup waits for other members; heartbeats must not wait behind it. */
  readonly #joinPurpose: string;
  readonly #purpose: string;

  constructor(cluster: Cluster, options: GroupOptions) {
    this.#cluster = cluster;
    this.#options = options;
    this.#purpose = `member-${links++}`;
    this.#joinPurpose = `${this.#purpose}-join`;
  }

  /** One request that is answered at once; `what` it is for, as in "Sending a heartbeat". */
  call<Args extends unknown[], Answer>(
    what: string,
    api: ApiVersions<Args, Answer>,
    ...args: Args
  ): Promise<Answer> {
    const { requestTimeoutMs } = this.#cluster.options;
    // A heartbeat that is not answered within the session has failed, whatever else may wait.
    const timeoutMs = Math.min(requestTimeoutMs, this.#options.sessionTimeoutMs);
    return this.#send(this.#purpose, timeoutMs, what, api, args);
  }

  /** One request whose answer waits for the other members. */
  callAndWait<Args extends unknown[], Answer>(
    what: string,
    api: ApiVersions<Args, Answer>,
    ...args: Args
  ): Promise<Answer> {
    const timeoutMs = this.#cluster.options.requestTimeoutMs + this.#options.rebalanceTimeoutMs;
    return this.#send(this.#joinPurpose, timeoutMs, what, api, args);
  }

  /** Makes a {@link callAndWait} that is under way reject. */
  abortWaiting(): Promise<void> {
    return this.#cluster.connections.drop(this.#joinPurpose);
  }

  async close(): Promise<void> {
    await this.abortWaiting();
    await this.#cluster.connections.drop(this.#purpose);
  }

  async #send<Args extends unknown[], Answer>(
    purpose: string,
    timeoutMs: number,
    what: string,
    api: ApiVersions<Args, Answer>,
    args: Args,
  ): Promise<Answer> {
    const { groupId } = this.#options;
    try {
      const node = await this.#cluster.coordinator(groupId);
      const broker = await this.#cluster.connection(purpose, node, timeoutMs);
      return await broker.call(api, ...args);
    } catch (error) {
      const context: ErrorContext = { groupId };
      const known = toMillraceError(error, `${what} (group '${groupId}')`, context);
      if (isPassing(known)) this.#cluster.forgetCoordinator(groupId);
      throw known;
    }
  }
}
