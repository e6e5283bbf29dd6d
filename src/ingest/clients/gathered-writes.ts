/**
 * Sends large requests from where their bytes lie.
 *
 * The library gathers each request into one new buffer before it writes it. For a produce request
 * that is a copy of every record batch, and megabytes of fresh memory a time: their collection took
 * a third of the main thread's time. So a request is built as a *ticket*, 16 bytes that stand for
 * the parts, and the socket of a produce connection, which sees the ticket at the end of a frame,
 * writes the frame's header, with its true length, and the parts in one gathering write.
 */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';

// A ticket: 8 bytes that no other frame ends with, then the number of the parked parts.
const MARK = randomBytes(8);
/** Bytes of a ticket. */
export const TICKET_BYTES = 16;
/** A frame with a ticket is a header and nothing else. */
const LONGEST_FRAME_BYTES = 1_024;
const LENGTH_BYTES = 4;

const parked = new Map<bigint, readonly Uint8Array[]>();
let nextNumber = 1n;

/** Parts that wait for their frame. `release` before their bytes are used for something else. */
export interface Ticket {
  /** What goes into the request in the place of the parts. */
  readonly bytes: Buffer;
  /** Forgets the parts; a frame that still comes for them ends its connection. */
  release(): void;
}

/** Parks the parts of a request, which are borrowed until it has been answered. */
export function park(parts: readonly Uint8Array[]): Ticket {
  const number = nextNumber;
  nextNumber += 1n;
  parked.set(number, parts);
  const bytes = Buffer.alloc(TICKET_BYTES);
  MARK.copy(bytes);
  bytes.writeBigUInt64BE(number, MARK.length);
  return { bytes, release: () => void parked.delete(number) };
}

/** Makes a socket write the parts of the tickets that it is given. Call once, when connected. */
export function gatherWrites(socket: Socket): void {
  const write = socket.write.bind(socket) as (bytes: Uint8Array) => boolean;
  const gathering = (bytes: unknown, ...rest: unknown[]): boolean => {
    const frame = bytes instanceof Uint8Array ? bytes : undefined;
    if (frame === undefined || !hasTicket(frame)) {
      return (write as (...all: unknown[]) => boolean)(bytes, ...rest);
    }
    return writeParts(socket, write, frame);
  };
  socket.write = gathering as Socket['write'];
}

function hasTicket(frame: Uint8Array): boolean {
  if (frame.length < LENGTH_BYTES + TICKET_BYTES || frame.length > LONGEST_FRAME_BYTES)
    return false;
  const at = frame.length - TICKET_BYTES;
  return MARK.equals(frame.subarray(at, at + MARK.length));
}

function writeParts(
  socket: Socket,
  write: (bytes: Uint8Array) => boolean,
  frame: Uint8Array,
): boolean {
  const header = Buffer.from(frame.subarray(0, frame.length - TICKET_BYTES));
  const ticket = Buffer.from(frame.buffer, frame.byteOffset + header.length, TICKET_BYTES);
  const parts = parked.get(ticket.readBigUInt64BE(MARK.length));
  if (parts === undefined) {
    // Nobody waits for the answer any more, and half a frame would spoil what follows.
    socket.destroy(new Error('the request was given up before it was sent'));
    return false;
  }
  const partBytes = parts.reduce((sum, part) => sum + part.length, 0);
  header.writeInt32BE(header.length - LENGTH_BYTES + partBytes);
  socket.cork();
  let taken = write(header);
  for (const part of parts) taken = write(part);
  socket.uncork();
  return taken;
}
