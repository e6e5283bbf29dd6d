/** Apart from `schema-observer.ts`, so that the public types do not lead to the module's. */

/** A message that is not a JSON object, and why. */
export interface InferenceReject {
  /** Which message, in words: `message 3` (the first is 0), or `orders-2 at offset 17`. */
  readonly message: string;
  /** Of a list: the message's index in it. */
  readonly index?: number;
  /** Of a topic: where the message lies. */
  readonly topic?: string;
  readonly partition?: number;
  readonly offset?: bigint;
  readonly reason: string;
}

/** The place of one of a list's messages. */
export function placeInList(index: number): Omit<InferenceReject, 'reason'> {
  return { message: `message ${index}`, index };
}

/** The place of one of a topic's messages. */
export function placeInTopic(
  topic: string,
  partition: number,
  offset: bigint,
): Omit<InferenceReject, 'reason'> {
  return { message: `${topic}-${partition} at offset ${offset}`, topic, partition, offset };
}
