import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { METADATA } from '../../../../src/ingest/clients/platformatic/apis.ts';
import { Connections } from '../../../../src/ingest/clients/platformatic/connections.ts';
import { createPlatformaticClient } from '../../../../src/ingest/clients/platformatic.ts';
import { resolveConnectionOptions } from '../../../../src/ingest/connection-options.ts';

/** ApiVersions v3: Metadata in versions 0 to 12. */
const API_VERSIONS = Buffer.from([0, 0, 2, 0, 3, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0]);
const API_VERSIONS_KEY = 18;

let server: Server | undefined;
const sockets = new Set<Socket>();

/** A broker that says what it can do and then never answers anything else. */
async function muteBroker(): Promise<{ address: { host: string; port: number }; port: number }> {
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => sockets.delete(socket));
    socket.on('data', (request) => {
      if (request.readInt16BE(4) !== API_VERSIONS_KEY) return;
      const header = Buffer.alloc(8);
      header.writeInt32BE(4 + API_VERSIONS.length, 0);
      request.copy(header, 4, 8, 12);
      socket.write(Buffer.concat([header, API_VERSIONS]));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { address: { host: '127.0.0.1', port: address.port }, port: address.port };
}

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  server?.close();
  server = undefined;
});

describe('Connections', () => {
  test('a request without an answer rejects; the next one gets a new connection', async () => {
    const { address } = await muteBroker();
    const options = resolveConnectionOptions({ requestTimeoutMs: 60 });
    const connections = new Connections(options, new AbortController().signal);
    const first = await connections.get('control', address);
    const requests = [0, 1].map(() => first.call(METADATA, [], false));
    await expect(requests[0]).rejects.toThrow('timed out');
    await expect(requests[1]).rejects.toThrow();
    expect(first.isOpen).toBe(false);
    const second = await connections.get('control', address);
    expect(second).not.toBe(first);
    expect(second.isOpen).toBe(true);
    await connections.close();
  });

  test('a connection over which nothing comes or goes is closed', async () => {
    const { address } = await muteBroker();
    const options = resolveConnectionOptions({ socketTimeoutMs: 60 });
    const connections = new Connections(options, new AbortController().signal);
    const broker = await connections.get('control', address);
    await expect(broker.call(METADATA, [], false)).rejects.toMatchObject({
      message: 'Connection closed',
      cause: new Error('nothing came or went for 60 ms (socketTimeoutMs)'),
    });
    expect(broker.isOpen).toBe(false);
    await connections.close();
  });

  test('a request that may take longer than the others is waited for', async () => {
    const { address } = await muteBroker();
    const options = resolveConnectionOptions({ socketTimeoutMs: 1, requestTimeoutMs: 1 });
    const connections = new Connections(options, new AbortController().signal);
    const broker = await connections.get('join', address, 200);
    const startedMs = performance.now();
    await expect(broker.call(METADATA, [], false)).rejects.toThrow(/timed out|closed/);
    expect(performance.now() - startedMs).toBeGreaterThan(150);
    await connections.close();
  });

  test('one connection a purpose, shared by all who ask while it is made', async () => {
    const { address } = await muteBroker();
    const connections = new Connections(resolveConnectionOptions(), new AbortController().signal);
    const [a, b, other] = await Promise.all([
      connections.get('fetch', address),
      connections.get('fetch', address),
      connections.get('produce', address),
    ]);
    expect(a).toBe(b);
    expect(other).not.toBe(a);
    expect(sockets.size).toBe(2);
    await connections.drop('fetch');
    expect(await connections.get('produce', address)).toBe(other);
    expect(await connections.get('fetch', address)).not.toBe(a);
    await connections.close();
  });

  test('a lost connection rejects what is under way', async () => {
    const { address } = await muteBroker();
    const connections = new Connections(resolveConnectionOptions(), new AbortController().signal);
    const broker = await connections.get('control', address);
    const request = broker.call(METADATA, [], false);
    for (const socket of sockets) socket.destroy();
    await expect(request).rejects.toThrow('Connection closed');
    await connections.close();
  });
});

test('a broker that takes connections and hangs counts as unreachable', async () => {
  server = createServer((socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const options = resolveConnectionOptions({ connectTimeoutMs: 60 });
  const connections = new Connections(options, new AbortController().signal);
  const hanging = connections.get('control', { host: '127.0.0.1', port: address.port });
  await expect(hanging).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' });
  await expect(hanging).rejects.toThrow('no answer within 60 ms (connectTimeoutMs)');
  await connections.close();
});

describe('a client without a broker', () => {
  test('names all bootstrap servers in one error', async () => {
    const { port } = await muteBroker();
    server?.close();
    const brokers = [`127.0.0.1:${port}`, `localhost:${port}`];
    const client = createPlatformaticClient(resolveConnectionOptions({ brokers, retries: 0 }));
    const failed = client.topics(['t']);
    await expect(failed).rejects.toMatchObject({
      code: 'BROKER_UNREACHABLE',
      retry: 'backoff',
      context: { brokers: brokers.join(', ') },
    });
    await expect(failed).rejects.toThrow(/ECONNREFUSED.*Check the addresses/);
    await client.close();
  });

  test('close ends the retries at once', async () => {
    const { port } = await muteBroker();
    server?.close();
    const brokers = [`127.0.0.1:${port}`];
    const options = resolveConnectionOptions({ brokers, retries: 100, retryDelayMs: 60_000 });
    const client = createPlatformaticClient(options);
    const failed = expect(client.topics(['t'])).rejects.toMatchObject({ code: 'ABORTED' });
    await client.close();
    await failed;
    await expect(client.topics(['t'])).rejects.toMatchObject({ code: 'ABORTED' });
  });
});
