import { spawnSync } from 'node:child_process';
import { describe, expect, onTestFinished, test } from 'vitest';
import { copyingPackages } from '../../../bench/broker/copying-kafkajs.ts';
import type { ConnectionOptions } from '../../../src/ingest/client.ts';
import { createClient } from '../../../src/ingest/clients/choose.ts';
import { availableClients, clientInfo } from '../../../src/ingest/clients/info.ts';
import { KAFKAJS_VERSION } from '../../../src/ingest/clients/kafkajs/internals.ts';
import { installedPackages, type Packages } from '../../../src/ingest/clients/packages.ts';
import { resolveConnectionOptions } from '../../../src/ingest/connection-options.ts';
import { root } from '../../house/source-tree.ts';

const PLATFORMATIC = '@platformatic/kafka';

/** Packages without some of those that are installed. */
function without(...missing: readonly string[]): Packages {
  return {
    ...installedPackages,
    version: (name) => (missing.includes(name) ? undefined : installedPackages.version(name)),
  };
}

/** Nothing listens there: what is asked rejects, and the library has been loaded by then. */
function options(client: ConnectionOptions['client']): ConnectionOptions {
  return resolveConnectionOptions({ client, brokers: '127.0.0.1:1', retries: 0 });
}

async function started(client: ConnectionOptions['client'], packages: Packages) {
  const lines: string[] = [];
  const made = createClient(options(client), { packages, log: (line) => lines.push(line) });
  onTestFinished(() => made.close());
  const outcome = await made.topicNames().catch((error: unknown) => error);
  return { client: made, lines, outcome };
}

describe('createClient', () => {
  test('an altered kafkajs copies, which clientInfo has once it was loaded', async () => {
    const packages: Packages = {
      ...installedPackages,
      require: (name) =>
        name.endsWith('protocol/decoder.js') ? class {} : installedPackages.require(name),
    };
    const raw = () => clientInfo(packages).find((i) => i.client === 'kafkajs')!.capabilities.raw;
    expect(raw()).toBe(true);
    const { lines } = await started('kafkajs', packages);
    expect(lines[0]).toContain('(this one has other code in protocol/decoder.js)');
    expect(raw()).toBe(false);
    expect(clientInfo().find((i) => i.client === 'kafkajs')!.capabilities.raw).toBe(true);
  });

  test('auto takes the preferred library and has nothing to explain', async () => {
    const { client, lines, outcome } = await started('auto', installedPackages);
    expect(client.name).toBe(PLATFORMATIC);
    expect(lines).toEqual([`Using ${PLATFORMATIC} ${client.version}`]);
    expect(outcome).toMatchObject({ code: 'BROKER_UNREACHABLE' });
  });

  test('auto falls back where the preferred one is not installed, and says so once', async () => {
    const lines: string[] = [];
    const log = (line: string) => lines.push(line);
    for (let i = 0; i < 2; i++) {
      const client = createClient(options('auto'), { packages: without(PLATFORMATIC), log });
      expect([client.name, client.version]).toEqual(['kafkajs', KAFKAJS_VERSION]);
      await expect(client.topicNames()).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' });
      await client.close();
    }
    expect(lines).toEqual([
      `Using kafkajs ${KAFKAJS_VERSION}: ${PLATFORMATIC} is not installed: ` +
        `npm install ${PLATFORMATIC}`,
    ]);
  });

  test('auto falls back where the preferred one does not load', async () => {
    const packages = {
      ...installedPackages,
      platformatic: () => Promise.reject(new SyntaxError('Unexpected token')),
    };
    const { client, lines, outcome } = await started('auto', packages);
    expect(client.name).toBe('kafkajs');
    expect(lines).toEqual([
      `Using kafkajs ${KAFKAJS_VERSION}: ${PLATFORMATIC} cannot be loaded (Unexpected token)`,
    ]);
    expect(outcome).toMatchObject({ code: 'BROKER_UNREACHABLE' });
    const asked = await started('platformatic', packages);
    expect(asked.outcome).toMatchObject({ code: 'MISSING_DEPENDENCY' });
  });

  test('one that is asked for and missing is an error with the line that installs it', () => {
    const packages = without('kafkajs', PLATFORMATIC);
    const create = (client: ConnectionOptions['client']) => () =>
      createClient(options(client), { packages });
    expect(create('kafkajs')).toThrow(
      `client is 'kafkajs': kafkajs is not installed: npm install kafkajs@${KAFKAJS_VERSION}`,
    );
    expect(create('platformatic')).toThrow(`npm install ${PLATFORMATIC}`);
    expect(create('auto')).toThrow('No Kafka client can be used');
    expect(create('auto')).toThrow(expect.objectContaining({ code: 'MISSING_DEPENDENCY' }));
  });

  test('a kafkajs that copies each message is taken after all others, and says so', async () => {
    const why = 'kafkajs 2.1.0 copies each message; kafkajs 2.2.4 passes record batches as bytes';
    const asked = await started('kafkajs', copyingPackages);
    expect(asked.lines).toEqual([`Using kafkajs 2.1.0: ${why}`]);
    expect(asked.client.copying).toBe(why);
    expect(asked.outcome).toMatchObject({ code: 'BROKER_UNREACHABLE' });
    const auto = await started('auto', copyingPackages);
    expect([auto.client.name, auto.client.copying]).toEqual([PLATFORMATIC, undefined]);
    const alone: Packages = {
      ...copyingPackages,
      version: (name) => (name === PLATFORMATIC ? undefined : copyingPackages.version(name)),
    };
    const { lines } = await started('auto', alone);
    const missing = `${PLATFORMATIC} is not installed: npm install ${PLATFORMATIC}`;
    expect(lines).toEqual([`Using kafkajs 2.1.0: ${missing}; ${why}`]);
  });

  test('a kafkajs of which nothing is known is refused', async () => {
    const other = {
      ...installedPackages,
      version: (name: string) => (name === 'kafkajs' ? '1.16.0' : undefined),
    };
    expect(() => createClient(options('auto'), { packages: other })).toThrow(
      `kafkajs is 1.16.0, which is not known: npm install kafkajs@${KAFKAJS_VERSION}`,
    );
  });

  test('a client that is closed before it was used ends quietly', async () => {
    for (const name of ['platformatic', 'kafkajs'] as const) {
      const client = createClient(options(name));
      await client.close();
      await client.close();
      await expect(client.topicNames()).rejects.toMatchObject({ code: 'ABORTED' });
    }
  });
});

test('NODE_DEBUG=millrace has the line that says which library runs, for any', () => {
  const program = `
    const load = (path) => import(process.cwd() + '/src/' + path);
    const { createClient } = await load('ingest/clients/choose.ts');
    const { resolveConnectionOptions } = await load('ingest/connection-options.ts');
    for (const client of ['auto', 'kafkajs', 'auto']) {
      const options = resolveConnectionOptions({ client, brokers: '127.0.0.1:1', retries: 0 });
      const made = createClient(options);
      await made.topicNames().catch(() => undefined);
      await made.close();
    }
  `;
  const args = ['--input-type=module', '--eval', program];
  const said = (NODE_DEBUG: string) =>
    spawnSync(process.execPath, args, {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, NODE_DEBUG, NO_COLOR: '1' },
    }).stderr;
  expect(said('')).toBe('');
  const version = installedPackages.version(PLATFORMATIC);
  expect(said('millrace').replaceAll(/^MILLRACE \d+: /gm, '')).toBe(
    `Using ${PLATFORMATIC} ${version}\nUsing kafkajs ${KAFKAJS_VERSION}\n`,
  );
});

test('kafkajs runs where @platformatic/kafka cannot even be found', () => {
  const program = `
    import { registerHooks } from 'node:module';
    registerHooks({
      resolve(name, context, next) {
        if (name === '@platformatic/kafka') {
          throw Object.assign(new Error('it is not there'), { code: 'MODULE_NOT_FOUND' });
        }
        return next(name, context);
      },
    });
    const load = (path) => import(process.cwd() + '/src/' + path);
    await load('index.ts');
    const { createClient } = await load('ingest/clients/choose.ts');
    const { resolveConnectionOptions } = await load('ingest/connection-options.ts');
    const options = resolveConnectionOptions({ brokers: '127.0.0.1:1', retries: 0 });
    const client = createClient(options);
    await client.topicNames().catch((error) => console.log(error.code));
    console.log(client.name);
    await client.close();
  `;
  const args = ['--input-type=module', '--eval', program];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  expect(stdout, stderr).toBe('BROKER_UNREACHABLE\nkafkajs\n');
  expect(stderr).toMatch(/^Using kafkajs 2\.2\.4: @platformatic\/kafka (is not installed|cannot)/m);
});

describe('clientInfo', () => {
  test('tells versions, capabilities and what is in use', async () => {
    const before = clientInfo();
    expect(before[1]).toMatchObject({ recommendedVersion: KAFKAJS_VERSION });
    expect(before.map(({ client, recommended }) => [client, recommended])).toEqual([
      ['platformatic', true],
      ['kafkajs', false],
    ]);
    expect(before.every(({ available, version }) => available && version)).toBe(true);
    expect(before[1]!.capabilities).toMatchObject({ raw: true, staticMembership: true });
    const inUse = () => clientInfo().filter((info) => info.inUse);
    const client = createClient(options('kafkajs'));
    expect(inUse().map((info) => info.client)).toEqual(['kafkajs']);
    await client.close();
    expect(inUse()).toEqual([]);
  });

  test('says which version copies messages', () => {
    const raw = (packages: Packages) => clientInfo(packages).map((info) => info.capabilities.raw);
    expect(raw(installedPackages)).toEqual([true, true]);
    expect(raw(copyingPackages)).toEqual([true, false]);
    expect(availableClients(copyingPackages)).toEqual(['platformatic', 'kafkajs']);
    expect(clientInfo(copyingPackages)[1]).toMatchObject({ available: true, version: '2.1.0' });
  });

  test('says what is missing, and what is available', () => {
    const packages = without('kafkajs');
    expect(availableClients()).toEqual(['platformatic', 'kafkajs']);
    expect(availableClients(packages)).toEqual(['platformatic']);
    expect(clientInfo(packages)[1]).toMatchObject({
      available: false,
      version: undefined,
      problem: `kafkajs is not installed: npm install kafkajs@${KAFKAJS_VERSION}`,
    });
  });
});
