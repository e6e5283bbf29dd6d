import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import {
  isUsableKafkajs,
  KAFKAJS_VERSION,
  loadKafkajs,
  type Require,
} from '../../../../src/ingest/clients/kafkajs/internals.ts';

const load = createRequire(import.meta.url);

/** kafkajs with some of its modules replaced, named by how they end. */
function altered(modules: Readonly<Record<string, unknown>>): Require {
  return (name) => {
    const end = Object.keys(modules).find((one) => name.endsWith(one));
    return end === undefined ? load(name) : modules[end];
  };
}

const versioned = (version: string, modules: Readonly<Record<string, unknown>> = {}) =>
  altered({ 'kafkajs/package.json': { version }, ...modules });

type Pool = new (options: object) => { pool: Record<string, unknown>[] };
const RealPool = load('kafkajs/src/network/connectionPool.js') as Pool;
const RealBroker = load('kafkajs/src/broker/index.js') as new (options: object) => object;

/** Connections without some of what they have. */
function poolWithout(...names: readonly string[]): Pool {
  return class extends RealPool {
    constructor(options: object) {
      super(options);
      for (const name of names) this.pool[0]![name] = undefined;
    }
  };
}

test.each(['2.0.0', '2.2.3', '2.3.0-beta.3'])('%s can be used', (version) => {
  expect(isUsableKafkajs(version)).toBe(true);
});

test.each(['1.16.0', '3.0.0', '20.1.0', 'undefined'])('%s cannot be used', (version) => {
  expect(isUsableKafkajs(version)).toBe(false);
  expect(() => loadKafkajs(versioned(version))).toThrow(
    `kafkajs ${version} cannot be used: only versions 2 are known. ` +
      `Install the one that fits: npm install kafkajs@${KAFKAJS_VERSION}`,
  );
});

describe('what passes as bytes', () => {
  test('the version that is known, as it was published', () => {
    const { version, copying } = loadKafkajs(load);
    expect([version, copying]).toEqual([KAFKAJS_VERSION, undefined]);
  });

  test('not another version', () => {
    expect(loadKafkajs(versioned('2.2.3')).copying?.why).toBe(
      'kafkajs 2.2.3 copies each message; kafkajs 2.2.4 passes record batches as bytes',
    );
  });

  test.each([
    ['chunks', 'connection.chunks'],
    ['requestQueue', 'connection.requestQueue'],
  ])('not where the version is the known one and has no %s', (name, words) => {
    const { copying } = loadKafkajs(altered({ 'connectionPool.js': poolWithout(name) }));
    expect(copying?.why).toBe(
      'kafkajs 2.2.4 copies each message; a 2.2.4 as it was published ' +
        `(this one has no ${words}) passes record batches as bytes`,
    );
  });
});

const RealQueue = load('kafkajs/src/network/requestQueue/index.js') as { prototype: object };

test.each<readonly [string, Readonly<Record<string, unknown>>]>([
  ['network/connection.js', { 'network/connection.js': class {} }],
  ['network/connectionPool.js', { 'connectionPool.js': class extends RealPool {} }],
  ['protocol/decoder.js', { 'protocol/decoder.js': undefined }],
  ['protocol/encoder.js', { 'protocol/encoder.js': () => undefined }],
])('what has other code in %s copies, though it is the known version', (name, modules) => {
  expect(loadKafkajs(altered(modules)).copying?.why).toBe(
    'kafkajs 2.2.4 copies each message; a 2.2.4 as it was published ' +
      `(this one has other code in ${name}) passes record batches as bytes`,
  );
});

test('so does what has a method of somebody else', () => {
  const method = Object.getOwnPropertyDescriptor(RealQueue.prototype, 'push')!;
  const spied = { ...method, value: () => undefined };
  Object.defineProperty(RealQueue.prototype, 'push', spied);
  try {
    const { copying } = loadKafkajs(load);
    expect(copying?.why).toContain('other code in network/requestQueue/index.js');
  } finally {
    Object.defineProperty(RealQueue.prototype, 'push', method);
  }
  expect(loadKafkajs(load).copying).toBeUndefined();
});

describe('what is refused', () => {
  test.each<readonly [string, Readonly<Record<string, unknown>>, string]>([
    ['a broker without methods', { 'broker/index.js': class {} }, 'it has no broker.connect, '],
    [
      'a connection that sends nothing',
      { 'connectionPool.js': poolWithout('send') },
      'it has no connection.send.',
    ],
    [
      'a broker that cannot be made',
      {
        'broker/index.js': class extends RealBroker {
          constructor(options: object) {
            super(options);
            throw new TypeError('a pool of another kind');
          }
        },
      },
      'its broker cannot be made (a pool of another kind)',
    ],
    ['no connection pool', { 'connectionPool.js': {} }, 'connection pool or logger is not where'],
    ['other requests', { 'requests/index.js': {} }, 'its requests to fetch and produce'],
    [
      'requests without that version',
      { 'requests/index.js': { requests: { Fetch: { protocol: () => undefined } } } },
      'its requests to fetch and produce',
    ],
    ['no codecs', { 'compression/index.js': {} }, 'or its codecs, are not what they were'],
  ])('%s', (_, modules, words) => {
    const refused = () => loadKafkajs(versioned('2.1.9', modules));
    expect(refused).toThrow(expect.objectContaining({ code: 'MISSING_DEPENDENCY' }));
    expect(refused).toThrow('kafkajs 2.1.9 cannot be used: ');
    expect(refused).toThrow(words);
    expect(refused).toThrow(`npm install kafkajs@${KAFKAJS_VERSION}`);
  });

  test('a module that is not there', () => {
    const without: Require = (name) => {
      if (name.endsWith('connectionPool.js')) throw new Error('there is no such module');
      return load(name);
    };
    expect(() => loadKafkajs(without)).toThrow(
      'kafkajs/src/network/connectionPool.js cannot be loaded (there is no such module)',
    );
  });
});
