/** A password given in every way that there is, where it belongs and where it does not. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeConfig } from '../../src/config/describe.ts';
import { configFrom, type LoadOptions, loadConfig } from '../../src/config/load.ts';
import { toSinkOptions, toSourceOptions } from '../../src/config/stream-options.ts';
import { MillraceError } from '../../src/errors.ts';
import { createPublisher, KafkaSink, KafkaSource, Stream } from '../../src/index.ts';

const PASSWORD = 'hunter2-very-secret';
const JAAS = `org.x.PlainLoginModule required username="u" password="${PASSWORD}";`;

let cwd: string;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'millrace-secrets-'));
});

afterAll(async () => {
  await rm(cwd, { recursive: true, force: true });
});

/** Everything that can be seen of a value, or of what was thrown in its place. */
async function seen(make: () => unknown): Promise<string> {
  const all = (value: unknown) => {
    const json = JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? `${one}` : one));
    return `${inspect(value, { depth: 9, showHidden: true })} ${json}`;
  };
  try {
    return all(await make());
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return `${all(error)} ${error.stack} ${all(error.toPlain())}`;
  }
}

/** All that a configuration is turned into and shown as. */
function uses(config: Awaited<ReturnType<typeof loadConfig>>): (() => unknown)[] {
  const source = () => toSourceOptions(config, { topic: 'in', schema: { id: 'int64' } });
  const sink = () => toSinkOptions(config, { topic: 'out' });
  const stream = () => Stream.fromKafka(source()).toKafka(sink());
  return [
    () => config,
    () => describeConfig(config),
    () => stream().explain(),
    () => stream().plan,
    () => new KafkaSink(sink()).stats(),
    () => new KafkaSource(source()).stats(),
  ];
}

async function expectUnseen(load: () => unknown): Promise<void> {
  expect(await seen(load)).not.toContain(PASSWORD);
  const config = await Promise.resolve()
    .then(load)
    .catch(() => undefined);
  if (config === undefined) return;
  for (const use of uses(config as never)) expect(await seen(use)).not.toContain(PASSWORD);
}

const NAMES: Readonly<Record<string, string>> = {
  'security.protocol': 'SASL_SSL',
  'sasl.mechanism': 'PLAIN',
  'sasl.username': 'u',
};

describe.each([
  ['a login', { ...NAMES, 'sasl.password': PASSWORD }],
  ['a login without its mechanism', { 'sasl.username': 'u', 'sasl.password': PASSWORD }],
  ['a login in plain text', { ...NAMES, 'security.protocol': 'SSL', 'sasl.password': PASSWORD }],
  ['a line of JAAS', { 'security.protocol': 'SASL_SSL', 'sasl.jaas.config': JAAS }],
  ['a line of JAAS that is none', { 'sasl.jaas.config': `${JAAS} and more` }],
  ['a mistyped name', { ...NAMES, 'sasl.passwrod': PASSWORD }],
  ['a key store', { 'ssl.keystore.password': PASSWORD }],
  ['a passphrase', { 'security.protocol': 'SSL', 'ssl.key.password': PASSWORD }],
  ['a token', { 'sasl.oauthbearer.client.secret': PASSWORD }],
  ['the address of a broker', { 'bootstrap.servers': `SASL_SSL://u:${PASSWORD}@h:9092` }],
])('%s is seen nowhere', (_, names: Readonly<Record<string, string>>) => {
  const entries = Object.entries(names);
  const file = async (name: string, text: string): Promise<LoadOptions> => {
    await writeFile(join(cwd, name), text);
    return { cwd, env: {}, file: name };
  };

  test.each<[string, () => Promise<LoadOptions>]>([
    [
      'in the environment',
      async () => {
        const variable = (name: string) => `KAFKA_${name.toUpperCase().replaceAll('.', '_')}`;
        const env = Object.fromEntries(entries.map(([name, value]) => [variable(name), value]));
        return { cwd, file: false, env };
      },
    ],
    [
      'in properties',
      () => file('a.properties', entries.map((entry) => `kafka.${entry.join('=')}`).join('\n')),
    ],
    ['in JSON', () => file('a.json', JSON.stringify(names))],
    ['in TypeScript', () => file('a.ts', `export default ${JSON.stringify(names)} as object;`)],
  ])('%s', async (_, options) => {
    const given = await options();
    await expectUnseen(() => loadConfig(given));
  });
});

describe('in code it is seen nowhere', () => {
  test.each<[object]>([
    [{ sasl: PASSWORD }],
    [{ sasl: { mechanism: 'plain', username: 'u', password: PASSWORD } }],
    [{ sasl: { mechanism: 'plain', username: 'u', pasword: PASSWORD } }],
    [{ sasl: { mechanism: 'plain', username: 'u', password: { is: PASSWORD } } }],
    [{ sasl: { mechanism: 'oauthbearer', token: PASSWORD } }],
    [{ ssl: PASSWORD }],
    [{ ssl: { key: [PASSWORD] } }],
    [{ ssl: { cert: 'x', key: 'y', passphrase: PASSWORD } }],
    [{ saslPassword: PASSWORD }],
    [{ brokers: [`u:${PASSWORD}@h:9092`] }],
  ])('%j', async (connection) => {
    const config = { connection } as never;
    await expectUnseen(() => configFrom(config));
    await expectUnseen(() => loadConfig({ cwd, env: {}, config }));
    const side = { topic: 't', schema: { id: 'int64' }, ...connection } as never;
    const made = [
      () => describeConfig(config),
      () => Stream.fromKafka(side).toKafka({ topic: 'o' }).explain(),
      () => new KafkaSource(side).stats(),
      () => new KafkaSink({ topic: 't', ...connection } as never).stats(),
      () => createPublisher('p', { destination: 'kafka://topic/t', config }).stats(),
    ];
    for (const make of made) expect(await seen(make)).not.toContain(PASSWORD);
  });
});

test.each([
  ['text that is no JSON', 'b.json', `{"sasl_password": "${PASSWORD}" "x"}`],
  ['a word that is no JSON', 'c.json', `{"sasl_password": ${PASSWORD}}`],
  ['text that is no TypeScript', 'b.ts', `export default { password: '${PASSWORD}' "x" };`],
  ['an open string', 'c.ts', `const password = '${PASSWORD};`],
  ['JSON that is read in code', 'd.mjs', `export default JSON.parse('{"p": "${PASSWORD}" x');`],
  ['a name twice', 'b.properties', `sasl.password=${PASSWORD}\nsasl.password=other`],
  ['a bad escape', 'c.properties', `sasl.password=${PASSWORD}\\u12`],
  ['half an object', 'd.properties', `millrace.connection.sasl.extensions={"a":"${PASSWORD}"`],
  ['a lost prefix', 'e.properties', `kafka.sasl.username=u\nsasl.password=${PASSWORD}`],
])('a file with %s is not quoted', async (_, name, text) => {
  await writeFile(join(cwd, name), text);
  const said = await seen(() => loadConfig({ cwd, env: {}, file: name }));
  expect(said).toContain('INVALID_OPTION');
  expect(said).not.toContain(PASSWORD);
});

test('what a configuration in code rejects with is an error of ours', async () => {
  await writeFile(join(cwd, 'e.mjs'), "export default Promise.reject(new Error('no vault'));");
  await expect(loadConfig({ cwd, env: {}, file: 'e.mjs' })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: 'e.mjs: it cannot be loaded: no vault',
  });
});
