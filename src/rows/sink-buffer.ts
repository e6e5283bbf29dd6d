/** The room that messages take until they are delivered, and the line of those that wait. */
import { MillraceError } from '../errors.ts';

/** What takes room. */
export interface Waiting {
  /** Room that there must be before it is admitted. */
  readonly bytes: number;
  /** Takes the room. Answers what comes next in its place, before all that came behind it. */
  admit(): Waiting | undefined;
}

/**
 * Counts what is in the buffer; lets in what fits, in the order of coming. As much as the buffer
 * may have can wait in line besides; what comes on top of that is refused.
 */
export class SinkBuffer {
  /** What is in it now. */
  bytes = 0;
  messages = 0;
  readonly #maxBytes: number;
  readonly #maxMessages: number;
  readonly #line: Waiting[] = [];
  #waitingBytes = 0;
  #admitting = false;
  #ready: (() => void)[] = [];

  /** Called where there is no room for more: what is in need not linger for others. */
  onFull: () => void = () => undefined;

  constructor(maxBytes: number, maxMessages: number) {
    this.#maxBytes = maxBytes;
    this.#maxMessages = maxMessages;
  }

  /** Whether there is room for more, and nobody waits for it. */
  get hasRoom(): boolean {
    return (
      this.#line.length === 0 && this.bytes < this.#maxBytes && this.messages < this.#maxMessages
    );
  }

  /** Resolves when there is room. */
  async ready(): Promise<void> {
    while (!this.hasRoom) await new Promise<void>((resolve) => this.#ready.push(resolve));
  }

  /**
   * Admits a message: now, or as soon as there is room and all that came before are in. An empty
   * buffer takes a message of any size: it would never fit.
   *
   * @throws MillraceError `OUT_OF_MEMORY` where too much waits already.
   */
  enter(message: Waiting): void {
    if (this.#line.length === 0 && this.#fits(message.bytes)) {
      message.admit();
      if (!this.hasRoom) this.onFull();
      return;
    }
    if (this.#line.length >= this.#maxMessages || this.#waitingBytes >= this.#maxBytes) {
      throw this.#overflow();
    }
    this.#queue(message);
    this.onFull();
  }

  /** Admits what comes one by one, such as the rows of a list, each as there is room for it. */
  feed(first: Waiting): void {
    this.#queue(first);
    this.#admit();
    this.#wakeReady();
  }

  /** Takes room without asking whether there is any. */
  take(bytes: number, messages: number): void {
    this.bytes += bytes;
    this.messages += messages;
  }

  /** Gives room back, and lets in what fits now. */
  leave(bytes: number, messages: number): void {
    this.bytes -= bytes;
    this.messages -= messages;
    this.#admit();
    this.#wakeReady();
  }

  #wakeReady(): void {
    if (!this.hasRoom) return;
    const ready = this.#ready;
    this.#ready = [];
    for (const resolve of ready) resolve();
  }

  #queue(waiting: Waiting): void {
    this.#line.push(waiting);
    this.#waitingBytes += waiting.bytes;
  }

  // What is admitted may fail at once and give its room back: the loop under way goes on with it.
  #admit(): void {
    if (this.#admitting || this.#line.length === 0) return;
    this.#admitting = true;
    let admitted = 0;
    try {
      for (let next = this.#line[0]; next !== undefined; next = this.#line[admitted]) {
        if (!this.#fits(next.bytes)) break;
        this.#waitingBytes -= next.bytes;
        admitted += 1;
        const following = next.admit();
        if (following === undefined) continue;
        admitted -= 1;
        this.#line[admitted] = following;
        this.#waitingBytes += following.bytes;
      }
    } finally {
      if (admitted > 0) this.#line.splice(0, admitted);
      this.#admitting = false;
    }
    if (!this.hasRoom) this.onFull();
  }

  #fits(bytes: number): boolean {
    if (this.messages === 0) return true;
    return this.bytes + bytes <= this.#maxBytes && this.messages < this.#maxMessages;
  }

  #overflow(): MillraceError {
    return new MillraceError(
      `the sink's buffer is full (${this.messages} messages, ${this.bytes} bytes), and as much ` +
        'waits for room; await ready() before send(), or raise maxBufferBytes and ' +
        'maxBufferMessages',
      { code: 'OUT_OF_MEMORY', context: { bytes: this.bytes, messages: this.messages } },
    );
  }
}
