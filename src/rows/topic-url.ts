/** `kafka://topic/orders`: how publishers and subscribers name a topic. */
import { MillraceError } from '../errors.ts';
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
    throw invalid(option, `${option} is ${JSON.stringify(url)}; write '${PREFIX}<name>'`);
  }
  const topic = url.slice(PREFIX.length);
  if (isTopicName(topic)) return topic;
  throw invalid(option, `${option} names the topic ${JSON.stringify(topic)}; ${TOPIC_NAME_RULE}`);
}

function invalid(option: string, message: string): MillraceError {
  return new MillraceError(message, { code: 'INVALID_OPTION', context: { option } });
}
