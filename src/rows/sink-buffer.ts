/** The room that messages take until they are delivered, and the line of those that wait. */
import { MillraceError } from '../errors.ts';

interface Waiting {
  readonly bytes: number;
  admit(): void;
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
  #ready: (() => void)[] = [];

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
   * Takes room for a message and calls `admit`: now, or as soon as there is room and all that came
   * before are in. An empty buffer takes a message of any size: it would never fit.
   *
   * @throws MillraceError `OUT_OF_MEMORY` where too much waits already.
   */
  enter(bytes: number, admit: () => void): void {
    if (this.#line.length === 0 && this.#fits(bytes)) {
      this.take(bytes, 1);
      admit();
      return;
    }
    if (this.#line.length >= this.#maxMessages || this.#waitingBytes >= this.#maxBytes) {
      throw this.#overflow();
    }
    this.#line.push({ bytes, admit });
    this.#waitingBytes += bytes;
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
    let admitted = 0;
    for (let next = this.#line[0]; next !== undefined; next = this.#line[admitted]) {
      if (!this.#fits(next.bytes)) break;
      admitted += 1;
      this.#waitingBytes -= next.bytes;
      this.take(next.bytes, 1);
      next.admit();
    }
    if (admitted > 0) this.#line.splice(0, admitted);
    if (!this.hasRoom) return;
    const ready = this.#ready;
    this.#ready = [];
    for (const resolve of ready) resolve();
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
