import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { gatherWrites, park, TICKET_BYTES } from '../../../src/ingest/clients/gathered-writes.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A connected socket that gathers, and all that the other end gets until it is closed. */
async function pair(): Promise<{ socket: Socket; received: Promise<Buffer> }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const accepted = once(server, 'connection');
  const socket = connect(port, '127.0.0.1');
  const [other] = (await accepted) as [Socket];
  await once(socket, socket.connecting ? 'connect' : 'ready').catch(() => undefined);
  closing.push(() => {
    socket.destroy();
    server.close();
  });
  other.on('error', () => undefined);
  gatherWrites(socket);
  return { socket, received: buffer(other) };
}

function frame(header: string, ticket: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(header), ticket]);
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}

describe('gatherWrites', () => {
  test('writes the parts in the place of the ticket, and the length of all', async () => {
    const { socket, received } = await pair();
    const shared = new Uint8Array(new SharedArrayBuffer(5_000_000), 3, 4_000_000).fill(7);
    const ticket = park([Buffer.from('small'), Buffer.from(shared.buffer, 3, 4_000_000)]);
    expect(ticket.bytes).toHaveLength(TICKET_BYTES);
    socket.write(frame('header', ticket.bytes));
    socket.end();
    const all = await received;
    expect(all.readInt32BE(0)).toBe(all.length - 4);
    expect(all.subarray(4, 15).toString()).toBe('headersmall');
    expect(all.subarray(15).equals(Buffer.alloc(4_000_000, 7))).toBe(true);
    ticket.release();
  });

  test('leaves other frames alone, and keeps the order of all', async () => {
    const { socket, received } = await pair();
    const tickets = ['B', 'D'].map((letter) => park([Buffer.from(letter)]));
    socket.write(Buffer.from('A'));
    socket.write(frame('', tickets[0]!.bytes));
    socket.write(Buffer.from('C'));
    socket.write(frame('', tickets[1]!.bytes));
    socket.end('E');
    const one = Buffer.from([0, 0, 0, 1]);
    const wanted = ['A', one, 'B', 'C', one, 'D', 'E'].map((part) => Buffer.from(part as string));
    expect(await received).toEqual(Buffer.concat(wanted));
  });

  test('ends the connection rather than sending a request that was given up', async () => {
    const { socket, received } = await pair();
    const ticket = park([Buffer.from('gone')]);
    ticket.release();
    const failed = once(socket, 'error');
    expect(socket.write(frame('header', ticket.bytes))).toBe(false);
    expect(String(await failed)).toContain('given up');
    expect(await received.catch(() => Buffer.alloc(0))).toHaveLength(0);
  });
});
