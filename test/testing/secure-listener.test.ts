import { describe, expect, test } from 'vitest';
import { type ClusterLayout, nodeConfig } from '../../src/testing/node-config.ts';
import { checkListenerNames, scramUsers } from '../../src/testing/secure-listener.ts';

const LAYOUT: ClusterLayout = {
  clusterId: 'AAAAAAAAAAAAAAAAAAAAAA',
  brokerPorts: [20_001],
  controllerPorts: [20_011],
  listenerPorts: { SECURE: [20_021], OPEN: [20_031] },
  folder: '/tmp/cluster',
};
const tls = { cert: 'CERT', key: 'KEY', clientCa: 'CA' };
const sasl = { plain: { alice: 'a"b\\c' }, scram: { bob: 'x' }, oauthbearer: true };

describe('a node with further listeners', () => {
  const listeners = { SECURE: { tls, sasl }, OPEN: { advertisedHost: 'kafka.invalid' } };
  const lines = nodeConfig(LAYOUT, 0, { listeners, racks: ['north'] }).split('\n');

  test('listens on each port, and says what each speaks', () => {
    const plain = 'PLAINTEXT://127.0.0.1:20001';
    const further = 'SECURE://127.0.0.1:20021,OPEN://127.0.0.1:20031';
    expect(lines).toContain(`listeners=${plain},CONTROLLER://127.0.0.1:20011,${further}`);
    expect(lines).toContain(
      `advertised.listeners=${plain},SECURE://127.0.0.1:20021,OPEN://kafka.invalid:20031`,
    );
    const map = 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL,OPEN:PLAINTEXT';
    expect(lines).toContain(`listener.security.protocol.map=${map}`);
    expect(lines).toContain('broker.rack=north');
  });

  test('has the certificates and users of the listener alone', () => {
    const own = lines.filter((line) => line.startsWith('listener.name.'));
    const about = (name: string) => own.find((line) => line.includes(`secure.${name}=`));
    expect(own.every((line) => line.startsWith('listener.name.secure.'))).toBe(true);
    expect(about('ssl.client.auth')).toContain('=required');
    expect(about('sasl.enabled.mechanisms')).toContain(
      '=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    );
    // Escaped for JAAS, then for a properties file.
    expect(about('plain.sasl.jaas.config')).toContain('user_alice="a\\\\"b\\\\\\\\c";');
  });
});

test('SCRAM users are those of all listeners', () => {
  const other = { sasl: { scram: { carol: 'y' } } };
  expect(scramUsers({ A: { sasl }, B: other, C: {} })).toEqual({ bob: 'x', carol: 'y' });
});

test.each(['secure', 'PLAINTEXT', 'CONTROLLER', 'A-B', ''])('the name %j is refused', (name) => {
  expect(() => checkListenerNames({ [name]: {} })).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', context: { listener: name } }),
  );
});
