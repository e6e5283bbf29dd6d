/**
 * Checks the main job's result without any of Millrace's own code: another program reads the output
 * topic, and every message is compared with what a plain computation, row by row, says it must be.
 */
import { type Order, orderAt } from './orders.ts';
import type { TopicReader } from './topic-reader.ts';

/** What the check found. */
export interface Verdict {
  readonly verified: boolean;
  /** Messages that the reader saw. */
  readonly messages: number;
  /** Messages that there should be. */
  readonly expected: number;
  /** The first things that were wrong, in words; empty where all is right. */
  readonly problems: readonly string[];
  /** The program that read the topic. */
  readonly reader: string;
}

/** Whether the job keeps an order. The same as its filter, written as a person would. */
export function isKept(order: Order): boolean {
  return order.status === 'paid' && order.amount > 50;
}

/** The message that the job must make of an order that it keeps. */
export function expectedMessage(order: Order): Record<string, unknown> {
  return {
    id: order.id,
    customer: order.customer,
    country: order.country,
    total: order.amount * order.quantity,
    created: new Date(order.createdMs).toISOString(),
  };
}

const MAX_PROBLEMS = 5;
/** Messages between two calls of `onProgress`. */
const PROGRESS_MESSAGES = 50_000;

/**
 * Reads `topic` with an independent program and compares.
 *
 * @param count how many orders were put in
 * @param onProgress called now and then with the number of messages checked
 */
export async function verify(
  reader: TopicReader,
  topic: string,
  count: number,
  onProgress: (checked: number) => void,
): Promise<Verdict> {
  let expected = 0;
  for (let id = 0; id < count; id++) if (isKept(orderAt(id))) expected += 1;
  const check = new Check(count);
  const reading = reader.read(topic, (line) => {
    check.take(line);
    if (check.messages % PROGRESS_MESSAGES === 0) onProgress(check.messages);
    // Whether more are stored than were expected, the topic's offsets say.
    return check.messages < expected;
  });
  const [stored] = await Promise.all([reader.stored(topic), reading]);
  check.close(expected, stored);
  const { messages, problems } = check;
  const verified = problems.length === 0;
  return { verified, messages, expected, problems, reader: reader.name };
}

/** Compares messages, one line of JSON each, with the orders that they must come from. */
export class Check {
  messages = 0;
  readonly problems: string[] = [];
  readonly #seen: Uint8Array;

  constructor(count: number) {
    this.#seen = new Uint8Array(count);
  }

  /** One message. */
  take(line: string): void {
    this.messages += 1;
    const message = parse(line);
    const id = Number(message?.id);
    if (!(id >= 0 && id < this.#seen.length)) {
      this.#problem(`not an order that was put in: ${line}`);
      return;
    }
    const order = orderAt(id);
    const wanted = JSON.stringify(expectedMessage(order));
    if (!isKept(order)) this.#problem(`order ${id} should have been dropped`);
    else if (JSON.stringify(message) !== wanted) this.#problem(`got ${line}, expected ${wanted}`);
    if (this.#seen[id] !== 0) this.#problem(`order ${id} came twice`);
    this.#seen[id] = 1;
  }

  /** The end: `stored` is what the topic holds by its offsets. */
  close(expected: number, stored: number): void {
    if (this.messages !== expected) {
      this.#problem(`${this.messages} messages where ${expected} were expected`);
    }
    if (stored !== expected) this.#problem(`${stored} stored where ${expected} were expected`);
  }

  #problem(text: string): void {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push(text);
  }
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
