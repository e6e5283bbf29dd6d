import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { ConnectionInput } from '../../src/ingest/connection-options.ts';
import { EmbeddedKafka } from '../../src/testing/index.ts';
import { Authority, type Certificate } from './certificates.ts';

/** The users of the secured broker, and their passwords. */
export const ALICE = { username: 'alice', password: 'al"ice\\ 1' } as const;
export const BOB = { username: 'bob', password: 'bob-secret' } as const;
export const PASSPHRASE = 'open sesame';

/** A broker with a listener for every way to connect, and what it takes to do so. */
export interface SecuredKafka {
  readonly kafka: EmbeddedKafka;
  readonly ca: string;
  readonly client: Certificate;
  /** The client's key, encrypted with `PASSPHRASE`. */
  readonly encryptedKey: string;
  /** Of an authority that nobody trusts. */
  readonly stranger: Certificate;
  /** Expired in 2021. */
  readonly oldClient: Certificate;
  stop(): Promise<void>;
}

/** How long a log-in lasts at the listener `SHORT`, ms. */
export const SHORT_SESSION_MS = 1_500;

/** Starts it. */
export async function startSecured(): Promise<SecuredKafka> {
  const ca = await Authority.create('millrace tests');
  const others = await Authority.create('somebody else');
  try {
    const tls = await ca.sign('broker', ['IP:127.0.0.1', 'DNS:localhost']);
    const expired = await ca.sign('broker', ['IP:127.0.0.1'], [2020, 2021]);
    const elsewhere = await ca.sign('broker', ['DNS:kafka.example.org']);
    const client = await ca.sign('client', []);
    const sasl = {
      plain: { [ALICE.username]: ALICE.password },
      scram: { [BOB.username]: BOB.password },
      oauthbearer: true,
    };
    const short = { 'plain.connections.max.reauth.ms': SHORT_SESSION_MS };
    const kafka = await EmbeddedKafka.start({
      listeners: {
        TLS: { tls },
        MTLS: { tls: { ...tls, clientCa: ca.cert } },
        SASL: { sasl },
        SASL_TLS: { tls, sasl },
        SHORT: { sasl: { plain: sasl.plain }, config: short },
        EXPIRED: { tls: expired },
        ELSEWHERE: { tls: elsewhere },
        UNKNOWN: { advertisedHost: 'kafka.invalid' },
      },
    });
    return {
      kafka,
      ca: ca.cert,
      client,
      encryptedKey: await ca.encrypt(client, PASSPHRASE),
      stranger: await others.sign('client', []),
      oldClient: await ca.sign('client', [], [2020, 2021]),
      stop: () => kafka.stop(),
    };
  } finally {
    await Promise.all([ca.remove(), others.remove()]);
  }
}

/** A JSON Web Token without a signature, valid from `fromS` to `toS` seconds from now. */
export function unsecuredToken(fromS = 0, toS = 600): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (claims: object) => Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ sub: 'carol', iat: now + fromS, exp: now + toS })}.`;
}

/** Every way to connect that the secured broker takes. */
export const WAYS = [
  'TLS with a CA',
  'mTLS with an encrypted key',
  'SASL PLAIN',
  'SASL SCRAM-SHA-256',
  'SASL SCRAM-SHA-512',
  'SASL OAUTHBEARER',
  'SASL PLAIN over TLS',
  'SASL SCRAM-SHA-256 over TLS',
  'SASL SCRAM-SHA-512 over TLS',
  'SASL OAUTHBEARER over TLS',
] as const;

/** The listener and the options of each. */
export function goodWays(
  secured: SecuredKafka,
): Record<(typeof WAYS)[number], [string, ConnectionInput]> {
  const { ca, client, encryptedKey } = secured;
  const ssl = { ca };
  const mtls = { ...ssl, cert: client.cert, key: encryptedKey, passphrase: PASSPHRASE };
  const plain = { mechanism: 'plain', ...ALICE } as const;
  const scram256 = { mechanism: 'scram-sha-256', ...BOB } as const;
  const scram512 = { mechanism: 'scram-sha-512', ...BOB } as const;
  const oauth = { mechanism: 'oauthbearer', token: async () => unsecuredToken() } as const;
  return {
    'TLS with a CA': ['TLS', { ssl }],
    'mTLS with an encrypted key': ['MTLS', { ssl: mtls }],
    'SASL PLAIN': ['SASL', { sasl: plain }],
    'SASL SCRAM-SHA-256': ['SASL', { sasl: scram256 }],
    'SASL SCRAM-SHA-512': ['SASL', { sasl: scram512 }],
    'SASL OAUTHBEARER': ['SASL', { sasl: oauth }],
    'SASL PLAIN over TLS': ['SASL_TLS', { ssl, sasl: plain }],
    'SASL SCRAM-SHA-256 over TLS': ['SASL_TLS', { ssl, sasl: scram256 }],
    'SASL SCRAM-SHA-512 over TLS': ['SASL_TLS', { ssl, sasl: scram512 }],
    'SASL OAUTHBEARER over TLS': ['SASL_TLS', { ssl, sasl: oauth }],
  };
}

/** Passes connections on to `address`, counts them, and keeps what goes there. */
export class CountingProxy {
  readonly address: string;
  /** Connections that were made to it. */
  connections = 0;
  /** What clients have sent. */
  readonly sent: Buffer[] = [];
  readonly #close: () => void;

  private constructor(address: string, close: () => void) {
    this.address = address;
    this.#close = close;
  }

  static async start(address: string): Promise<CountingProxy> {
    const [host, port] = address.split(':');
    const sockets = new Set<Socket>();
    let proxy: CountingProxy | undefined;
    const server = createServer((socket) => {
      proxy!.connections += 1;
      const behind = connect(Number(port), host);
      socket.on('data', (bytes: Buffer) => proxy!.sent.push(bytes));
      for (const [from, to] of [
        [socket, behind],
        [behind, socket],
      ] as const) {
        sockets.add(from);
        from.on('error', () => to.destroy());
        from.on('close', () => to.destroy());
        from.pipe(to);
      }
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new Error('no port');
    proxy = new CountingProxy(`127.0.0.1:${bound.port}`, () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    return proxy;
  }

  [Symbol.dispose](): void {
    this.#close();
  }
}
