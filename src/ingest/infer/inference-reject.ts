/** Apart from `schema-observer.ts`, so that the public types do not lead to the module's. */

/** A message that is not a JSON object, and why. */
export interface InferenceReject {
  /** Which message: `message 3` (the first is 0), or `orders-2 at offset 17`. */
  readonly message: string;
  readonly reason: string;
}
