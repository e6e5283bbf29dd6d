/** A client whose library is still being loaded. */
import type { GroupMember, KafkaClient } from '../client.ts';

type Args<M extends keyof KafkaClient> = KafkaClient[M] extends (...args: infer A) => unknown
  ? A
  : never;

/**
 * Passes everything on to the client that `ready` resolves to, in the order of the calls; where
 * `ready` rejects, so does each call.
 */
export class LoadingClient implements KafkaClient {
  readonly #ready: Promise<KafkaClient>;
  readonly #onClose: () => void;
  #name: string;
  #version: string;
  #copying: string | undefined;
  #closed: Promise<void> | undefined;

  /**
   * @param expected what `name` and `version` are until `ready` has resolved.
   * @param onClose called once, when the client is closed.
   */
  constructor(
    expected: Pick<KafkaClient, 'name' | 'version'>,
    ready: Promise<KafkaClient>,
    onClose: () => void,
  ) {
    this.#name = expected.name;
    this.#version = expected.version;
    this.#ready = ready;
    this.#onClose = onClose;
    const loaded = ({ name, version, copying }: KafkaClient) => {
      this.#name = name;
      this.#version = version;
      this.#copying = copying;
    };
    // That it failed is told to each call.
    ready.then(loaded, () => undefined);
  }

  get name(): string {
    return this.#name;
  }

  get version(): string {
    return this.#version;
  }

  get copying(): string | undefined {
    return this.#copying;
  }

  async topics(...args: Args<'topics'>) {
    return (await this.#ready).topics(...args);
  }

  async topicNames() {
    return (await this.#ready).topicNames();
  }

  async fetch(...args: Args<'fetch'>) {
    return (await this.#ready).fetch(...args);
  }

  async produce(...args: Args<'produce'>) {
    return (await this.#ready).produce(...args);
  }

  async initProducerId() {
    return (await this.#ready).initProducerId();
  }

  async initTransactions(...args: Args<'initTransactions'>) {
    return (await this.#ready).initTransactions(...args);
  }

  async addPartitionsToTransaction(...args: Args<'addPartitionsToTransaction'>) {
    return (await this.#ready).addPartitionsToTransaction(...args);
  }

  async sendOffsetsToTransaction(...args: Args<'sendOffsetsToTransaction'>) {
    return (await this.#ready).sendOffsetsToTransaction(...args);
  }

  async endTransaction(...args: Args<'endTransaction'>) {
    return (await this.#ready).endTransaction(...args);
  }

  async listOffsets(...args: Args<'listOffsets'>) {
    return (await this.#ready).listOffsets(...args);
  }

  async committed(...args: Args<'committed'>) {
    return (await this.#ready).committed(...args);
  }

  async commit(...args: Args<'commit'>) {
    return (await this.#ready).commit(...args);
  }

  async joinGroup(...args: Args<'joinGroup'>): Promise<GroupMember> {
    return (await this.#ready).joinGroup(...args);
  }

  async maxMessageBytes(...args: Args<'maxMessageBytes'>) {
    return (await this.#ready).maxMessageBytes(...args);
  }

  async createTopics(...args: Args<'createTopics'>) {
    return (await this.#ready).createTopics(...args);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#onClose();
    const [client] = await Promise.allSettled([this.#ready]);
    if (client.status === 'fulfilled') await client.value.close();
  }
}
