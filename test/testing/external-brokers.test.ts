import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { EmbeddedKafka } from '../../src/testing/embedded-kafka.ts';
import { assertReachable, externalBrokers } from '../../src/testing/external-brokers.ts';
import { freePorts } from '../../src/testing/free-ports.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('KAFKA_BROKERS is a list', () => {
  expect(externalBrokers({ KAFKA_BROKERS: ' a:9092, b:9093,' })).toEqual(['a:9092', 'b:9093']);
  expect(externalBrokers({ KAFKA_BROKERS: ' ' })).toBeUndefined();
  expect(externalBrokers({})).toBeUndefined();
});

test.for(['localhost', 'localhost:', 'localhost:99999', 'a b:9092'])(
  '"%s" is no address',
  async (address) => {
    await expect(assertReachable([address])).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(address),
    });
  },
);

describe('with a cluster in KAFKA_BROKERS', () => {
  test('start() uses it, stop() leaves it, kill() and restart() say no', async () => {
    const server = createServer((socket) => socket.end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    vi.stubEnv('KAFKA_BROKERS', address);
    const kafka = await EmbeddedKafka.start();
    expect(kafka.isExternal).toBe(true);
    expect(kafka.bootstrapServers).toBe(address);
    expect(kafka.pids).toEqual([]);
    const refused = { code: 'INVALID_OPTION', message: expect.stringMatching(/KAFKA_BROKERS/) };
    await expect(kafka.kill(0)).rejects.toMatchObject(refused);
    await expect(kafka.restart(0)).rejects.toMatchObject(refused);
    await kafka.stop();
    await expect(assertReachable([address])).resolves.toBeUndefined();
    server.close();
  });

  test('start() says that it does not answer', async () => {
    const [port] = await freePorts(1);
    vi.stubEnv('KAFKA_BROKERS', `127.0.0.1:${port}`);
    await expect(EmbeddedKafka.start()).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' });
  });
});

test('two brokers are not offered', async () => {
  await expect(EmbeddedKafka.start({ brokers: 2 as 1 })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: 'brokers is 2: it must be 1 or 3',
  });
});
