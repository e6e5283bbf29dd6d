/** Every name of the clients that people come from leads somewhere, or says why not. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configFrom } from '../../src/config/load.ts';
import { MillraceError } from '../../src/errors.ts';
import { root } from '../house/source-tree.ts';

const SIDES: Readonly<Record<string, readonly string[]>> = {
  C: ['', 'consumer.'],
  P: ['', 'producer.'],
  '*': ['', 'consumer.', 'producer.'],
};

function namesOf(client: string): (readonly [side: string, name: string])[] {
  const text = readFileSync(join(root, 'test', 'config', `names-of-${client}.txt`), 'utf8');
  const lines = text.trim().split('\n');
  return lines
    .filter((line) => !line.startsWith('#'))
    .map((line) => {
      const [side, name] = line.split(' ');
      return [side!, name!] as const;
    });
}

function messageOf(name: string, value: unknown): string {
  try {
    const { notes } = configFrom({ [name]: value });
    return notes.join('\n');
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return error.message;
  }
}

test.each([
  ['kafka-python', 80],
  ['librdkafka', 190],
  ['kafka', 130],
])('knows every name of %s, for each side that has it', (client, least) => {
  const names = namesOf(client);
  expect(names.length).toBeGreaterThan(least);
  const written = names.flatMap(([side, name]) => SIDES[side]!.map((prefix) => prefix + name));
  // No value of any name: what is refused says so of the value, not of the name.
  const lost = written.filter((name) => {
    return /unknown name|nearest known|is nothing of a/.test(messageOf(name, '\u0000'));
  });
  expect(lost).toEqual([]);
  expect(messageOf('no.such.name', '')).toContain('unknown name');
});

test.each<[string, unknown, string | RegExp]>([
  ['sasl_oauth_token_provider', {}.toString, 'connection.sasl { mechanism, token }'],
  ['oauthbearer_token_refresh_cb', () => 1, 'connection.sasl { mechanism, token }'],
  ['sasl.login.callback.handler.class', 'x', 'connection.sasl { mechanism, token }'],
  ['ssl_context', 'x', 'connection.ssl { ca, cert, key, passphrase }'],
  ['ssl.enabled.protocols', 'TLSv1.3', 'node --tls-min-v1.3'],
  ['ssl.cipher.suites', 'x', 'node --tls-cipher-list'],
  ['rebalance_cb', () => 1, 'onAssign, onRevoke and onLost'],
  ['dr_msg_cb', true, 'onDelivery'],
  ['partitioner_cb', () => 1, '{ row: (value, partitions) => number }'],
  ['consumer_timeout_ms', 1_000, 'poll({ timeoutMs })'],
  ['default_topic_conf', 'x', 'beside the others'],
  ['socket_options', [[6, 1, 1]], 'leave it out'],
  ['ssl_crlfile', 'x', 'ssl.ca.location'],
  ['share.acquire.mode', 'x', 'group.id'],
  // A remark where what is asked for is done anyway.
  ['ssl.enabled.protocols', 'TLSv1.2,TLSv1.3', /^ssl.enabled.protocols in configFrom: TLS is/],
  ['coordinator.query.interval.ms', 600_000, 'sees to it by itself'],
  ['ssl.protocol', 'TLSv1.3', /^ssl.protocol in configFrom: TLS is/],
  ['dr_cb', false, 'nothing is called'],
  ['queue.buffering.max.messages', 0, 'taken as 100000000'],
])('%s = %s says what to do', (name, value, expected) => {
  const said = messageOf(name, value);
  expect(said).toMatch(expected);
  expect(said).not.toMatch(/nearest known|did you mean/);
});

test('other names of the same options', () => {
  expect(configFrom({ 'auto.commit.enable': false }).source).toEqual({ autoCommit: false });
  const topic = configFrom({ 'default.topic.config': { 'auto.offset.reset': 'smallest' } });
  expect(topic.source).toEqual({ offsetReset: 'earliest' });
  const missing = () => configFrom({ 'security.protocol': 'ssl', ssl_ca: 'ca.pem' });
  expect(missing).toThrow("ssl.ca: 'ca.pem' is no PEM text");
  const { sink, run } = configFrom({ 'buffer.memory': 2_097_152 });
  expect(sink).toEqual({ maxBufferBytes: 2_097_152 });
  expect(run).toEqual({ maxInFlightBytes: 2_097_152 });
});
