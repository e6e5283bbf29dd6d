/** Reads what users pass as options: names the offending value, the nearest name, the way out. */
import { MillraceError } from '../errors.ts';
import { meantName } from '../nearest-name.ts';
import { meantValue } from '../nearest-value.ts';
import { shownValue } from '../shown-value.ts';
import { foreignNameHint } from './foreign-names.ts';

/** Smallest and largest value of a number, both inclusive. */
export type Range = readonly [least: number, most: number];

const TOPIC_NAME = /^[a-zA-Z0-9._-]{1,249}$/;
/** The way out for names that Kafka would refuse. */
export const TOPIC_NAME_RULE =
  "Kafka's topic names have 1 to 249 letters of a-z, A-Z, 0-9, '.', '_' and '-', and are not " +
  "'.' or '..'";

/** One options object, read name by name. Every method throws `INVALID_OPTION`. */
export class OptionReader {
  readonly #owner: string;
  readonly #input: Readonly<Record<string, unknown>>;

  /**
   * @param owner what takes the options, for messages: `Stream.fromKafka`, or `batch` for a part.
   * @param known every name that it takes; others are refused.
   * @param hints what to say about some of those.
   */
  constructor(
    owner: string,
    input: unknown,
    known: readonly string[],
    hints: Readonly<Record<string, string>> = {},
  ) {
    if (typeof input !== 'object' || input === null || Array.isArray(input)) {
      throw invalid(owner, `${owner} takes an object of options, not ${shownValue(input)}`);
    }
    for (const name of Object.keys(input)) {
      if (known.includes(name)) continue;
      const own = Object.hasOwn(hints, name) ? hints[name] : undefined;
      const hint = own ?? foreignNameHint(name, known.includes('config'));
      const wayOut = hint ?? meantName(name, known);
      throw invalid(name, `${owner} has no option '${name}'; ${wayOut}`);
    }
    this.#owner = owner;
    this.#input = input as Readonly<Record<string, unknown>>;
  }

  /** Whether something was given. */
  has(name: string): boolean {
    return this.#input[name] !== undefined;
  }

  /** What was given, unread. */
  raw(name: string): unknown {
    return this.#input[name];
  }

  /** A whole number. */
  integer(name: string, range: Range, fallback: number): number {
    const value = this.#input[name] ?? fallback;
    const [least, most] = range;
    if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) {
      return value as number;
    }
    throw this.fault(name, `give a whole number from ${least} to ${most}`);
  }

  /** A whole number, or nothing. */
  optionalInteger(name: string, range: Range): number | undefined {
    return this.has(name) ? this.integer(name, range, range[0]) : undefined;
  }

  /** A length of time, fractions too, or nothing. */
  milliseconds(name: string): number | undefined {
    const value = this.#input[name];
    if (value === undefined || (typeof value === 'number' && value >= 0)) return value;
    throw this.fault(name, 'give milliseconds, 0 or more');
  }

  /** One of a few values. */
  oneOf<T extends string | number>(name: string, values: readonly T[], fallback: T): T {
    const value = this.#input[name] ?? fallback;
    const found = values.find((candidate) => candidate === value);
    if (found !== undefined) return found;
    const meant = meantValue(name, value, values);
    const guess = meant === undefined ? '' : `; did you mean ${shownValue(meant)}?`;
    throw this.fault(
      name,
      `give one of ${values.map((one) => shownValue(one)).join(', ')}${guess}`,
    );
  }

  /** True or false. */
  boolean(name: string, fallback: boolean): boolean {
    const value = this.#input[name] ?? fallback;
    if (typeof value === 'boolean') return value;
    throw this.fault(name, 'give true or false');
  }

  /** The name of a topic, as Kafka allows it, or nothing. */
  topic(name: string): string | undefined {
    const topic = this.text(name);
    if (topic === undefined || isTopicName(topic)) return topic;
    throw this.fault(name, TOPIC_NAME_RULE);
  }

  /** Text that is not empty, or nothing. */
  text(name: string): string | undefined {
    const value = this.#input[name];
    if (value === undefined || (typeof value === 'string' && value !== '')) return value;
    throw this.fault(name, 'give a string that is not empty');
  }

  /** The options of a part, such as `batch: { … }`; empty where nothing was given. */
  part(
    name: string,
    known: readonly string[],
    hints: Readonly<Record<string, string>> = {},
  ): OptionReader {
    return new OptionReader(`${this.#owner}'s ${name}`, this.#input[name] ?? {}, known, hints);
  }

  /** The options of these names that were given, for a reader of their own. */
  only(names: readonly string[]): Readonly<Record<string, unknown>> {
    return Object.fromEntries(
      names.filter((name) => this.has(name)).map((name) => [name, this.#input[name]]),
    );
  }

  /** The error for a wrong value. */
  fault(name: string, wayOut: string): MillraceError {
    const value = shownValue(this.#input[name]);
    return invalid(name, `${this.#owner}: ${name} is ${value}; ${wayOut}`);
  }
}

/** Whether Kafka allows a topic of this name. */
export function isTopicName(name: unknown): name is string {
  return typeof name === 'string' && TOPIC_NAME.test(name) && name !== '.' && name !== '..';
}

function invalid(option: string, message: string): MillraceError {
  return new MillraceError(message, { code: 'INVALID_OPTION', context: { option } });
}
