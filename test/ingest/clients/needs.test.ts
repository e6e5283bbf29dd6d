import { beforeEach, describe, expect, test, vi } from 'vitest';
import { KafkaSink, KafkaSource, Stream } from '../../../src/index.ts';
import type { ConnectionOptions } from '../../../src/ingest/client.ts';
import { createClient } from '../../../src/ingest/clients/choose.ts';
import type { ClientCapabilities, ClientInfo } from '../../../src/ingest/clients/info.ts';
import { type ClientNeeds, checkClient } from '../../../src/ingest/clients/needs.ts';
import { installedPackages, type Packages } from '../../../src/ingest/clients/packages.ts';
import { resolveConnectionOptions } from '../../../src/ingest/connection-options.ts';

/** What kafkajs lacks in the test that runs. */
const lacking = vi.hoisted((): { now: Partial<ClientCapabilities> } => ({ now: {} }));

vi.mock('../../../src/ingest/clients/info.ts', async (original) => {
  const real = await original<typeof import('../../../src/ingest/clients/info.ts')>();
  const clientInfo = (packages?: Packages): ClientInfo[] =>
    real.clientInfo(packages).map((info) => {
      if (info.client !== 'kafkajs') return info;
      return { ...info, capabilities: { ...info.capabilities, ...lacking.now } };
    });
  return { ...real, clientInfo };
});

beforeEach(() => {
  lacking.now = {};
});

const SCHEMA = { id: 'int64' } as const;
/** Nothing listens there: whatever connects fails otherwise. */
const brokers = '127.0.0.1:1';

const SASL = { mechanism: 'plain', username: 'me', password: 'hush' } as const;

/** What is lacking, a source that asks for it, and its name in the error. */
const BEYOND: readonly [Partial<ClientCapabilities>, object, string][] = [
  [{ rackAwareness: false }, { rack: 'north' }, 'rack'],
  [{ tls: false }, { ssl: true }, 'ssl'],
  [{ saslMechanisms: ['oauthbearer'] }, { sasl: SASL }, "sasl.mechanism 'plain'"],
  [{ staticMembership: false }, { group: { instanceId: 'one' } }, 'group.instanceId'],
  [{ groupProtocols: ['classic'] }, { group: { protocol: 'consumer' } }, "group.protocol 'cons"],
  [{ assignors: ['range'] }, {}, "group.assignors 'cooperative-sticky'"],
];

function source(more: object): Stream {
  const options = { brokers, topic: 't', groupId: 'g', retries: 0, schema: SCHEMA, ...more };
  return Stream.fromKafka(options) as unknown as Stream;
}

/** As where the preferred library is not installed, without taking it away from others. */
async function startedOnAuto(stream: Stream): Promise<unknown> {
  const spy = vi.spyOn(installedPackages, 'version').mockImplementation((name) => {
    return name === 'kafkajs' ? '2.2.4' : undefined;
  });
  try {
    return await stream.collect().catch((error: unknown) => error);
  } finally {
    spy.mockRestore();
  }
}

describe('what the library that is named cannot do is refused where it is written', () => {
  test.each(BEYOND)('%j', (capabilities, asked, named) => {
    expect(() => source({ client: 'kafkajs', ...asked })).not.toThrow();
    lacking.now = capabilities;
    const build = () => source({ client: 'kafkajs', ...asked });
    expect(build).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    expect(build).toThrow(`cannot honour ${named}`);
    expect(build).toThrow("choose client 'platformatic', or leave out what it cannot do");
    expect(() => source({ client: 'platformatic', ...asked })).not.toThrow();
  });

  test('by the row API and by sinks, too, with every option that is too much', () => {
    lacking.now = { rackAwareness: false, compressions: ['none'] };
    const client = 'kafkajs';
    const common = { brokers, topic: 't', client, rack: 'north' } as const;
    expect(() => new KafkaSource(common)).toThrow('cannot honour rack:');
    const sink = { ...common, compression: 'zstd' } as const;
    expect(() => new KafkaSink(sink)).toThrow("cannot honour rack and compression 'zstd':");
    const stream = source({ client });
    const ended = () => stream.toKafka({ topic: 'u', compression: 'zstd' });
    expect(ended).toThrow("cannot honour compression 'zstd'");
  });

  test('a group that is not joined asks for nothing', () => {
    lacking.now = { assignors: ['range'], groupProtocols: [] };
    const client = 'kafkajs';
    expect(() => source({ client })).toThrow('cannot honour group.');
    const group = { sessionTimeoutMs: 20_000 };
    expect(() => source({ client, group, groupId: undefined })).not.toThrow();
    const partitions = [{ topic: 't', partition: 0 }];
    expect(() => source({ client, topic: undefined, partitions })).not.toThrow();
  });
});

describe("what the library that 'auto' comes to cannot do is refused before it connects", () => {
  test.each(BEYOND)('%j', async (capabilities, asked, named) => {
    lacking.now = capabilities;
    const stream = source({ client: 'auto', until: 'latest', ...asked });
    const error = await startedOnAuto(stream);
    expect(error).toMatchObject({ code: 'INVALID_OPTION', context: { client: 'kafkajs' } });
    expect(String(error)).toContain("kafkajs 2.2.4, which client 'auto' comes to here, cannot");
    expect(String(error)).toContain(named);
    expect(String(error)).toContain("choose client 'platformatic' (@platformatic/kafka is not");
  });

  test('also where the preferred one turns out not to load', async () => {
    lacking.now = { staticMembership: false };
    const packages = {
      ...installedPackages,
      platformatic: () => Promise.reject(new SyntaxError('Unexpected token')),
    };
    const options = resolveConnectionOptions({ brokers, retries: 0 });
    const group = { protocol: 'classic', assignors: ['range'], instanceId: 'one' } as const;
    const needs: ClientNeeds[] = [{ connection: options, group }];
    const client = createClient(options, { packages, needs, log: () => undefined });
    const asked = client.topicNames();
    await expect(asked).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    await client.close();
  });
});

test('where no library can do it, the only way out is to leave it out', () => {
  const can = { groupProtocols: [], assignors: [], saslMechanisms: [], compressions: [] };
  const capabilities = { ...can, raw: true, tls: true, staticMembership: true };
  const info: ClientInfo = {
    client: 'kafkajs',
    packageName: 'kafkajs',
    version: undefined,
    available: false,
    recommended: false,
    inUse: false,
    capabilities: { ...capabilities, rackAwareness: false },
  };
  const connection: ConnectionOptions = resolveConnectionOptions({ client: 'kafkajs', rack: 'r' });
  const refuse = () => checkClient({ connection }, info, [info]);
  expect(refuse).toThrow('kafkajs cannot honour rack: leave out what it cannot do.');
});
