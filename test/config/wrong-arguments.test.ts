/** Every public function of the configuration says what is wrong with its arguments. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  configFrom,
  confluentCloud,
  defineConfig,
  describeConfig,
  explainPreset,
  KafkaSource,
  loadConfig,
  MillraceError,
  toRowSinkOptions,
  toSinkOptions,
  toSourceOptions,
} from '../../src/index.ts';
import { Secret } from '../../src/ingest/secret.ts';

type Call = (...wrong: readonly unknown[]) => unknown;

/** What no function takes in the place of an object. */
const NO_OBJECTS = [null, 5, 5n, 'x', true, [], () => 1, Symbol('x')];
const FUNCTIONS = {
  configFrom,
  defineConfig,
  describeConfig,
  confluentCloud,
  loadConfig: (options: never) => loadConfig(options),
  'toSourceOptions of a configuration': (config: never) => toSourceOptions(config),
  'toSourceOptions of options': (options: never) => toSourceOptions({}, options),
  'toSinkOptions of a configuration': (config: never) => toSinkOptions(config, { topic: 't' }),
  'toSinkOptions of options': (options: never) => toSinkOptions({}, options),
  'toRowSinkOptions of a configuration': (config: never) =>
    toRowSinkOptions(config, { topic: 't' }),
  'toRowSinkOptions of options': (options: never) => toRowSinkOptions({}, options),
} as unknown as Readonly<Record<string, Call>>;

async function errorOf(call: () => unknown): Promise<MillraceError> {
  try {
    await call();
  } catch (error) {
    expect(error).toBeInstanceOf(MillraceError);
    return error as MillraceError;
  }
  throw new Error('nothing was thrown');
}

describe.each(Object.entries(FUNCTIONS))('%s', (_, call) => {
  test.each(NO_OBJECTS.map((wrong) => [inspect(wrong), wrong]))('of %s', async (__, wrong) => {
    const error = await errorOf(() => call(wrong));
    expect(error.code).toBe('INVALID_OPTION');
    expect(error.context.option).toEqual(expect.any(String));
    expect(error.message).toMatch(/[Gg]ive|takes|write/);
  });
});

test.each(['configFrom', 'defineConfig', 'describeConfig', 'confluentCloud'])(
  '%s of nothing',
  async (name) => {
    const error = await errorOf(() => FUNCTIONS[name]!());
    expect(error).toMatchObject({ code: 'INVALID_OPTION' });
  },
);

const cloud = { bootstrapServers: 'a:1', apiKey: 'k', apiSecret: 's' };
const plain = { mechanism: 'plain', username: 'u' };
const source = (options: object) => new KafkaSource({ topic: 't', ...options } as never);

test.each(['toSourceOptions', 'toSinkOptions', 'toRowSinkOptions', 'describeConfig'])(
  '%s of options that are no configuration',
  async (name) => {
    const call = { toSourceOptions, toSinkOptions, toRowSinkOptions, describeConfig }[name] as Call;
    const of = (config: object) => errorOf(() => call(config, { topic: 't' }));
    const brokers = await of({ brokers: 'h:1', sasl: plain });
    expect(brokers).toMatchObject({ code: 'INVALID_OPTION', context: { option: 'brokers' } });
    expect(brokers.message).toMatch(/no section 'brokers'; write { connection: { brokers: … } }$/);
    expect((await of({ sorce: {} })).message).toMatch(/did you mean 'source'\?$/);
  },
);

test.each<[string, () => unknown, string]>([
  ['loadConfig', () => loadConfig({ file: 5 } as never), 'file'],
  ['loadConfig', () => loadConfig({ file: true } as never), 'file'],
  ['loadConfig', () => loadConfig({ cwd: 5 } as never), 'cwd'],
  ['loadConfig', () => loadConfig({ env: 5 } as never), 'env'],
  ['loadConfig', () => loadConfig({ env: { KAFKA_ACKS: 5 } } as never), 'KAFKA_ACKS'],
  ['loadConfig', () => loadConfig({ file: false, config: 5 } as never), 'config'],
  ['explainPreset', () => explainPreset(Symbol('x') as never), 'preset'],
  ['explainPreset', () => explainPreset(null as never), 'preset'],
  ['configFrom', () => configFrom({ preset: ['durable'] }), 'preset'],
  ['configFrom', () => configFrom({ preset: Symbol('x') }), 'preset'],
  ['configFrom', () => configFrom({ acks: Symbol('x') }), 'acks'],
  ['configFrom', () => configFrom({ source: null }), 'source'],
  ['configFrom', () => configFrom({ source: { topics: 5 } }), 'source.topics'],
  ['configFrom', () => configFrom({ connection: { brokers: 5n } }), 'brokers'],
  ['describeConfig', () => describeConfig({ source: 5 } as never), 'source'],
  ['confluentCloud', () => confluentCloud({ ...cloud, bootstrapServers: null! }), 'bootstrapS'],
  ['confluentCloud', () => confluentCloud({ ...cloud, bootstrapServers: [] }), 'bootstrapServers'],
  ['confluentCloud', () => confluentCloud({ ...cloud, bootstrapServers: 5 as never }), 'bootstr'],
  ['confluentCloud', () => confluentCloud({ ...cloud, bootstrapServers: [''] }), 'bootstrapS'],
  ['confluentCloud', () => confluentCloud({ ...cloud, apiKey: 5 as never }), 'apiKey'],
  ['confluentCloud', () => confluentCloud({ ...cloud, apiSecret: null! }), 'apiSecret'],
  ['confluentCloud', () => confluentCloud({ ...cloud, apiSecret: {} as never }), 'apiSecret'],
  [
    'confluentCloud',
    () => confluentCloud({ ...cloud, apiSecret: new Secret(undefined as never) }),
    'apiSecret',
  ],
  ['a source', () => source({ brokers: async () => ['a:1'] }), 'brokers'],
  ['a source', () => source({ brokers: 5n }), 'brokers'],
  ['a source', () => source({ client: 5n }), 'client'],
  ['a source', () => source({ clientId: 5n }), 'clientId'],
  ['a source', () => source({ rack: 5n }), 'rack'],
  ['a source', () => source({ retries: Symbol('x') }), 'retries'],
  ['a source', () => source({ sasl: null }), 'sasl'],
  ['a source', () => source({ sasl: { mechanism: 5n } }), 'sasl.mechanism'],
  [
    'a source',
    () => source({ sasl: { ...plain, password: new Secret(undefined as never) } }),
    'sasl.password',
  ],
  ['a source', () => source({ sasl: { ...plain, password: new Secret('') } }), 'sasl.password'],
  [
    'a source',
    () => source({ ssl: { ca: new Secret(5 as never), passphrase: new Secret('x') } }),
    'ssl.ca',
  ],
  [
    'a source',
    () => source({ sasl: { mechanism: 'oauthbearer', token: () => '', extensions: null } }),
    'sasl.extensions',
  ],
])('%s names the option: %#', async (_, call, option) => {
  const error = await errorOf(call);
  expect(error.code).toBe('INVALID_OPTION');
  expect(error.context.option).toContain(option);
  expect(error.message).toContain(option.split('.').at(-1)!);
});

test('a function in the place of the brokers is said to be one', async () => {
  const { message } = await errorOf(() => source({ brokers: async () => ['a:1'] }));
  expect(message).toContain('brokers is a function');
  expect(message).toContain("give 'host:port' or a list of them");
});
