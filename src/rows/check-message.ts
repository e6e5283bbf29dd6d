/** What a caller may mean otherwise when it gives a message, refused before it is stored. */
import { RecordBatch, Table, Vector } from 'apache-arrow';
import { MillraceError } from '../errors.ts';
import { meantName } from '../nearest-name.ts';
import { shownValue } from '../shown-value.ts';
import type { MessageOptions } from './record.ts';
import type { RowSinkSettings } from './row-sink-options.ts';

const OPTION_NAMES: readonly (keyof MessageOptions)[] = [
  'key',
  'headers',
  'partition',
  'timestamp',
  'onDelivery',
];
/** What other clients' `send` takes, and each of its messages. */
const RECORD_NAMES = ['topic', 'messages', 'acks', 'timeout', 'compression'];
const MESSAGE_NAMES = ['key', 'value', 'partition', 'headers', 'timestamp'];

/**
 * Checks what goes with a message. Called for every one: makes no list where all is well.
 *
 * @throws MillraceError `INVALID_OPTION` for an unknown name, or what is no object.
 */
export function checkMessageOptions(options: MessageOptions): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const given = shownValue(options, { depth: 0 });
    throw refused('options', `send takes options such as { key: 'k' }, not ${given}`);
  }
  for (const name in options) {
    if (OPTION_NAMES.includes(name as keyof MessageOptions)) continue;
    const isTopic = name === 'topic' || name === 'topics';
    const hint = isTopic
      ? 'a sink writes one topic: make one for each'
      : meantName(name, OPTION_NAMES);
    throw refused(name, `a message has no option '${name}'; ${hint}`);
  }
  const { onDelivery } = options;
  if (onDelivery === undefined || typeof onDelivery === 'function') return;
  throw refused('onDelivery', `onDelivery is ${shownValue(onDelivery)}; give a function`);
}

/**
 * Refuses `{ topic, messages: [{ key, value }] }`, what other clients' `send` takes: it would be
 * stored as a value. Values that only have two such fields are values, and so are all of a sink
 * that has one of them as its key.
 *
 * @throws MillraceError `INVALID_OPTION`.
 */
export function checkNoRecord(
  { plan, key }: Pick<RowSinkSettings, 'plan' | 'key'>,
  value: unknown,
): void {
  if (typeof value !== 'object' || value === null || !('messages' in value)) return;
  const { topic, messages } = value as { readonly topic?: unknown; readonly messages: unknown };
  if (typeof topic !== 'string' || !Array.isArray(messages) || messages.length === 0) return;
  if (plan.codec !== 'json' || RECORD_NAMES.includes(key as string)) return;
  if (!Object.keys(value).every((name) => RECORD_NAMES.includes(name))) return;
  if (!messages.every(isProducerMessage)) return;
  throw refused(
    'value',
    `send takes one value, not { topic, messages }, which would be stored as it is; the sink's ` +
      `topic is '${plan.topic}': call send(value, { key, headers }) for each message, or ` +
      'sendBatch(values). Where it is meant as a value send it as text, under the codec string',
  );
}

/**
 * Refuses objects that are no value of a message, and that JSON has a text for all the same, such
 * as `{}`. Called for every one: plain objects and lists cost a look at their prototype.
 *
 * @throws MillraceError `INVALID_OPTION`, with the way out.
 */
export function checkIsValue({ plan }: Pick<RowSinkSettings, 'plan'>, value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === Array.prototype) return;
  const problem = ofArrow(value) ?? (plan.codec === 'json' ? noJson(value) : undefined);
  if (problem !== undefined) throw refused('value', `the value of the message is ${problem}`);
  if (typeof (value as PromiseLike<unknown>).then !== 'function') return;
  throw refused('value', 'the value of the message is a promise; await it, and send what it gives');
}

function ofArrow(value: object): string | undefined {
  if (value instanceof Table) {
    return (
      'a table of Arrow, which is many messages; send its batches: for (const batch of ' +
      'table.batches) await sink.sendBatch(batch), or publish(batch)'
    );
  }
  if (value instanceof RecordBatch) {
    return 'a record batch, which is many messages; send it by sendBatch(batch)';
  }
  if (!(value instanceof Vector)) return undefined;
  return 'a vector of Arrow, which is many values; send [...vector] by sendBatch';
}

function noJson(value: object): string | undefined {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return (
      "bytes, which the codec json would write as an object; give codec: 'bytes', or the value " +
      'itself, such as JSON.parse(bytes), or bytes.toString()'
    );
  }
  if (value instanceof Map) {
    return 'a Map, which JSON writes as {}; give an object, such as Object.fromEntries(map)';
  }
  return value instanceof Set ? 'a Set, which JSON writes as {}; give a list, [...set]' : undefined;
}

function isProducerMessage(message: unknown): boolean {
  if (typeof message !== 'object' || message === null || !('value' in message)) return false;
  const { value } = message;
  const isEncoded = value === null || typeof value === 'string' || value instanceof Uint8Array;
  return isEncoded && Object.keys(message).every((name) => MESSAGE_NAMES.includes(name));
}

function refused(option: string, message: string): MillraceError {
  return new MillraceError(message, { code: 'INVALID_OPTION', context: { option } });
}
