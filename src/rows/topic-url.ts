/** `kafka://topic/orders`: how publishers and subscribers name a topic. */
import { MillraceError } from '../errors.ts';
import { shownJson, shownValue } from '../shown-value.ts';
import { isTopicName, TOPIC_NAME_RULE } from '../stream/option-reader.ts';

const PREFIX = 'kafka://topic/';

/**
 * The topic that a URL names.
 *
 * @param option the option's name, for the error.
 * @throws MillraceError `INVALID_OPTION` for what is no `kafka://topic/<name>`.
 */
export function topicOfUrl(url: unknown, option: string): string {
  if (typeof url !== 'string' || !url.startsWith(PREFIX)) {
    throw invalid(option, `${option} is ${shown(url)}; write '${PREFIX}<name>'`);
  }
  const topic = url.slice(PREFIX.length);
  if (isTopicName(topic)) return topic;
  throw invalid(option, `${option} names the topic ${shownJson(topic)}; ${TOPIC_NAME_RULE}`);
}

/**
 * Checks what a publisher or subscriber is called, which its client and group are called by.
 *
 * @param owner what takes the name, for the error.
 * @throws MillraceError `INVALID_OPTION` for what is no text.
 */
export function checkName(name: unknown, owner: string): void {
  if (typeof name === 'string' && name.trim() !== '') return;
  const wayOut = `give a text that is not empty: ${owner}('billing', { … })`;
  throw invalid('name', `${owner}: the name is ${shown(name)}; ${wayOut}`);
}

function shown(value: unknown): string {
  return typeof value === 'string' ? shownJson(value) : shownValue(value, { depth: 0 });
}

function invalid(option: string, message: string): MillraceError {
  return new MillraceError(message, { code: 'INVALID_OPTION', context: { option } });
}
