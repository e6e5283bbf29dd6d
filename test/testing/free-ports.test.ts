import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { assertReachable } from '../../src/testing/external-brokers.ts';
import { freePorts, isFreePort } from '../../src/testing/free-ports.ts';

test('ports differ and are free', async () => {
  const ports = await freePorts(6);
  expect(new Set(ports).size).toBe(6);
  await expect(assertReachable([`127.0.0.1:${ports[0]}`])).rejects.toMatchObject({
    code: 'BROKER_UNREACHABLE',
    message: expect.stringContaining(`KAFKA_BROKERS=127.0.0.1:${ports[0]}`),
  });
});

test('a port that somebody listens on is not free, and is no error', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await isFreePort(port)).toBe(false);
  server.close();
  await once(server, 'close');
  expect(await isFreePort(port)).toBe(true);
});
