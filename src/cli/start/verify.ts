/**
 * Checks the main job's result without any of Millrace's own code: another program reads the output
 * topic, and every message is compared with what a plain computation, row by row, says it must be.
 */
import { createInterface } from 'node:readline';
import type { EmbeddedKafka } from '../../testing/index.ts';
import { type Order, orderAt } from './orders.ts';

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
/** The reader gives up after so long without a message, ms. */
const READER_TIMEOUT_MS = 15_000;

/**
 * Reads `topic` with Kafka's console consumer and compares.
 *
 * @param count how many orders were put in
 * @param onProgress called now and then with the number of messages checked
 */
export async function verify(
  kafka: EmbeddedKafka,
  topic: string,
  count: number,
  onProgress: (checked: number) => void,
): Promise<Verdict> {
  let expected = 0;
  for (let id = 0; id < count; id++) if (isKept(orderAt(id))) expected += 1;
  const check = new Check(count);
  const stored = storedMessages(kafka, topic);
  const reader = await kafka.spawnTool('org.apache.kafka.tools.consumer.ConsoleConsumer', [
    '--bootstrap-server',
    kafka.bootstrapServers,
    '--topic',
    topic,
    '--from-beginning',
    '--timeout-ms',
    String(READER_TIMEOUT_MS),
  ]);
  reader.stdin.end();
  reader.stderr.resume();
  for await (const line of createInterface({ input: reader.stdout })) {
    check.take(line);
    if (check.messages % 50_000 === 0) onProgress(check.messages);
    // Whether more are stored than were expected, the topic's offsets say.
    if (check.messages === expected) break;
  }
  reader.kill();
  check.close(expected, await stored);
  const { messages, problems } = check;
  const verified = problems.length === 0;
  return { verified, messages, expected, problems, reader: 'kafka-console-consumer' };
}

// The records of the topic by its offsets, from another of Kafka's own tools.
async function storedMessages(kafka: EmbeddedKafka, topic: string): Promise<number> {
  const { stdout } = await kafka.runTool('org.apache.kafka.tools.GetOffsetShell', [
    '--bootstrap-server',
    kafka.bootstrapServers,
    '--topic',
    topic,
  ]);
  const lines = stdout.split('\n').filter((line) => line.startsWith(`${topic}:`));
  return lines.reduce((sum, line) => sum + Number(line.split(':')[2]), 0);
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
