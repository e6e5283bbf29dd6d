/**
 * What a worker thread and the main thread say to each other for an inline function. The worker
 * asks and sleeps; the answer is a message on the port that came with the question, and then a word
 * that wakes it.
 */
import type { MessagePort } from 'node:worker_threads';
import type { PortableBatch } from '../arrow/batch-export.ts';
import type { PlainError } from '../errors.ts';

/** A worker's question. */
export interface InlineQuestion {
  readonly inline: InlineRequest;
  /** Number of the task that the worker is at. */
  readonly task: number;
  /** Where the answer goes. */
  readonly port: MessagePort;
  /** `i32`: 0 until the answer is there. */
  readonly answered: SharedArrayBuffer;
}

/** What is asked: a call, or that the columns it gave are written to an address. */
export type InlineRequest =
  | { readonly kind: 'call'; readonly number: number; readonly batch: PortableBatch }
  | { readonly kind: 'write'; readonly address: number };

/** What is answered. */
export type InlineAnswer =
  | { readonly kind: 'mask'; readonly mask: Uint8Array }
  /** Columns that take so many bytes, which are to be written. */
  | { readonly kind: 'columns'; readonly byteLength: number; readonly rows: number }
  | { readonly kind: 'written'; readonly columns: readonly (readonly [string, number])[] }
  /** Not now: a morsel before this one stands behind it. */
  | { readonly kind: 'again' }
  | { readonly kind: 'failed'; readonly error: PlainError };

/** Whether a message is a question. */
export function isInlineQuestion(message: unknown): message is InlineQuestion {
  return typeof message === 'object' && message !== null && 'inline' in message;
}
