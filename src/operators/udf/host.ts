/** What calls of user functions need of the thread that they are made on. */
import { MillraceError } from '../../errors.ts';
import type { UdfProgram } from './node.ts';

/** A loaded function, of whatever module. */
export type LoadedFunction = (...values: readonly unknown[]) => unknown;

/** The thread's side of user functions. */
export interface UdfHost {
  /** The function itself. */
  functionOf(program: UdfProgram): LoadedFunction;
  /** Whether the call ended the thread, or took too long, so that its rows are null now. */
  isSkipped(program: UdfProgram): boolean;
  /** Calls begin, and their time with them; who watches may end the thread until `leave`. */
  enter(program: UdfProgram): void;
  leave(): void;
  /** Whether vectors of all functions are copies, as those of isolated ones always are. */
  readonly copies: boolean;
  /** So many rows became null in the place of an error. */
  countErrors(rows: number): void;
}

/** For steps without user functions. */
export const NO_UDFS: UdfHost = Object.freeze({
  functionOf: ({ text }: UdfProgram) => {
    throw new MillraceError(`no module was loaded for ${text}`, { code: 'INTERNAL' });
  },
  isSkipped: () => false,
  enter: () => undefined,
  leave: () => undefined,
  copies: false,
  countErrors: () => undefined,
});
