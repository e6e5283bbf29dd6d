import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { askSilentBroker } from '../../../src/ingest/clients/silent-broker.ts';
import { WireReader, WireWriter } from '../../../src/ingest/clients/wire.ts';

const OPTIONS = { clientId: 'millrace', connectTimeoutMs: 200 };

/** A listener that does `answer` with each connection's first bytes. */
async function listener(answer: (socket: Socket, request: Buffer) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => sockets.delete(socket));
    socket.once('data', (request) => answer(socket, request));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { host: '127.0.0.1', port: address.port };
}

function handshakeAnswer(error: number, mechanisms: readonly string[]): Buffer {
  const writer = new WireWriter().int32(0).int16(error);
  const { bytes } = writer.array(mechanisms, (mechanism) => writer.string(mechanism));
  return Buffer.from(new WireWriter().byteString(bytes).bytes);
}

test('a listener that asks for a log-in names its mechanisms, in whatever pieces', async () => {
  const requests: Buffer[] = [];
  const address = await listener((socket, request) => {
    requests.push(request);
    const bytes = handshakeAnswer(33, ['GSSAPI', 'SCRAM-SHA-512']);
    socket.write(bytes.subarray(0, 9));
    setImmediate(() => socket.write(bytes.subarray(9)));
  });
  const reason = await askSilentBroker(address, OPTIONS, undefined);
  expect(reason).toMatchObject({ code: 'AUTHENTICATION_FAILED', retry: 'never' });
  expect(reason!.message).toContain('asks for a log-in (gssapi, scram-sha-512); give sasl');
  const reader = new WireReader(requests[0]!);
  expect(reader.int32()).toBe(requests[0]!.length - 4);
  expect([reader.int16(), reader.int16(), reader.int32()]).toEqual([17, 1, 0]);
  expect([reader.string(), reader.string()]).toEqual(['millrace', 'PLAIN']);
});

test('a listener for TLS answers plain text with an alert', async () => {
  const address = await listener((socket) => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 80])));
  const reason = await askSilentBroker(address, OPTIONS, undefined);
  expect(reason).toMatchObject({ code: 'TLS_FAILED', retry: 'never' });
  expect(reason!.message).toContain('speaks TLS on this port; give ssl');
});

test.each<[string, (socket: Socket) => void]>([
  ['hangs up', (socket) => socket.end()],
  ['hangs', () => undefined],
  ['asks for no log-in', (socket) => socket.write(handshakeAnswer(34, []))],
  ['answers something else', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['breaks off', (socket) => socket.end(handshakeAnswer(33, ['PLAIN']).subarray(0, 14))],
])('nothing is found out of one that %s', async (_, answer) => {
  const address = await listener(answer);
  expect(await askSilentBroker(address, OPTIONS, undefined)).toBeUndefined();
});

test('nothing is found out where nobody listens', async () => {
  const nobody = { host: '127.0.0.1', port: 1 };
  expect(await askSilentBroker(nobody, OPTIONS, undefined)).toBeUndefined();
  expect(await askSilentBroker(nobody, OPTIONS, {})).toBeUndefined();
});
