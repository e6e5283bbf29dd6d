/** When a sink asks whether its topic has got more partitions. */

/** Default of `metadata.max.age.ms` in Kafka's own client. */
const MAX_AGE_MS = 300_000;
/** So seldom is the broker asked on behalf of messages that name a partition that there is not. */
const MIN_AGE_MS = 1_000;

/** Keeps up with one topic. It has no timer: it is asked whenever something is sent. */
export class TopicGrowth {
  readonly #ask: () => Promise<void>;
  #askedAtMs = performance.now();
  #learnedAtMs = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;

  /** @param ask learns of new partitions, and sees to their use; where it fails all stays. */
  constructor(ask: () => Promise<void>) {
    this.#ask = ask;
  }

  /** Asks where what is known is old; nobody waits for it. */
  keepUp(): void {
    if (performance.now() - this.#askedAtMs > MAX_AGE_MS) this.#begin();
  }

  /** Asks now; `undefined` where that was done just now. Never rejects. */
  learn(): Promise<void> | undefined {
    const now = performance.now();
    if (this.#asking === undefined && now - this.#learnedAtMs > MIN_AGE_MS) {
      this.#learnedAtMs = now;
      this.#begin();
    }
    return this.#asking;
  }

  #begin(): void {
    if (this.#asking !== undefined) return;
    this.#askedAtMs = performance.now();
    this.#asking = this.#ask().then(
      () => this.#done(),
      // What is known holds; whatever is wrong with the broker, what is sent finds out.
      () => this.#done(),
    );
  }

  #done(): void {
    this.#asking = undefined;
  }
}
