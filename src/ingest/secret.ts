/** Text that must not be seen. */
import { inspect } from 'node:util';

const HIDDEN = '[secret]';

/**
 * A password, passphrase or private key: printed, logged, inspected or made JSON it is `[secret]`.
 *
 * It does not survive `structuredClone`, and has no place in anything that is sent to a thread.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
    Object.freeze(this);
  }

  /** The text itself, for the library that has to send it and nobody else. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}
