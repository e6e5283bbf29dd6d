/** A worker thread's way to the inline functions on the main thread. */
import { MessageChannel, parentPort, receiveMessageOnPort } from 'node:worker_threads';
import type { PortableBatch } from '../arrow/batch-export.ts';
import { MillraceError } from '../errors.ts';
import { GiveWay, type InlineHost, type InlineResult } from '../operators/inline/run-inline.ts';
import type { InlineAnswer, InlineQuestion, InlineRequest } from './inline-messages.ts';

/** Asks the main thread, and sleeps until it has answered. */
export class ThreadInline implements InlineHost {
  /** Number of the task that the thread is at. */
  task = 0;

  call(number: number, batch: PortableBatch, place: (bytes: number) => number): InlineResult {
    const moved = batch.buffer === undefined ? [] : [batch.buffer];
    const answer = ask(this.task, { kind: 'call', number, batch }, moved);
    if (answer.kind === 'mask') return answer;
    if (answer.kind === 'again') throw new GiveWay();
    if (answer.kind !== 'columns') throw unexpected(answer);
    const { rows, byteLength } = answer;
    const written = ask(this.task, { kind: 'write', address: place(byteLength) });
    if (written.kind !== 'written') throw unexpected(written);
    return { kind: 'columns', columns: new Map(written.columns), rows };
  }
}

// A channel for each question: nothing is left over of one that was never answered.
function ask(
  task: number,
  inline: InlineRequest,
  moved: readonly ArrayBuffer[] = [],
): InlineAnswer {
  const { port1, port2 } = new MessageChannel();
  const answered = new Int32Array(new SharedArrayBuffer(4));
  const question: InlineQuestion = { inline, task, port: port2, answered: answered.buffer };
  parentPort!.postMessage(question, [port2, ...moved]);
  Atomics.wait(answered, 0, 0);
  const message = receiveMessageOnPort(port1)?.message as InlineAnswer | undefined;
  port1.close();
  if (message === undefined) throw new MillraceError('no answer came', { code: 'INTERNAL' });
  if (message.kind === 'failed') throw MillraceError.fromPlain(message.error);
  return message;
}

function unexpected({ kind }: InlineAnswer): MillraceError {
  return new MillraceError(`${kind} is no answer to this question`, { code: 'INTERNAL' });
}
