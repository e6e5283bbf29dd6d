/** TLS and SASL as kafkajs takes them. */
import type { ConnectionOptions, SaslOptions } from '../../client.ts';
import { bearerToken } from '../bearer-token.ts';
import { WireReader, WireWriter } from '../wire.ts';

type OAuthBearer = Extract<SaslOptions, { mechanism: 'oauthbearer' }>;

/** What kafkajs hands to an authenticator: an exchange of bytes, their length before them. */
interface Exchange {
  saslAuthenticate(exchange: {
    readonly request: { encode(): Promise<Buffer> };
    readonly response: {
      decode(bytes: Buffer): Promise<Buffer>;
      parse(bytes: Buffer): Promise<void>;
    };
  }): Promise<unknown>;
}

/** A log-in that did not succeed, for `connectFailure` to name. */
export class LoginError extends Error {
  override readonly name = 'LoginError';
}

/** What `tls.connect` is given; `undefined`: plain text. */
export function kafkajsSsl({ ssl }: Pick<ConnectionOptions, 'ssl'>): object | undefined {
  if (ssl === undefined) return undefined;
  const { ca, cert, key, passphrase, servername, rejectUnauthorized } = ssl;
  return {
    rejectUnauthorized,
    ...(ca && { ca: [...ca] }),
    ...(cert && { cert }),
    ...(key && { key: key.reveal() }),
    ...(passphrase && { passphrase: passphrase.reveal() }),
    ...(servername && { servername }),
  };
}

/** What kafkajs's authenticators are given, a new object each time: they write into it. */
export function kafkajsSasl({ sasl }: Pick<ConnectionOptions, 'sasl'>): object | undefined {
  if (sasl === undefined) return undefined;
  if (sasl.mechanism === 'oauthbearer') {
    const { mechanism } = sasl;
    // kafkajs's own does not look at the answer, in which a broker says that it refuses the token.
    const authenticationProvider = ({ saslAuthenticate }: Exchange) => ({
      authenticate: () => logInWithToken(sasl, saslAuthenticate),
    });
    return { mechanism, authenticationProvider };
  }
  const { mechanism, username, password } = sasl;
  return { mechanism, username, password: password.reveal() };
}

/*
  RFC 7628, 3.1: n,, ^A auth=Bearer TOKEN ^A [NAME=VALUE ^A]... ^A
  3.2.2: a server that does not take the token answers without an error and says why in JSON, such
  as {"status":"invalid_token"}; with success it says nothing.
*/
async function logInWithToken(
  { token, extensions = {} }: OAuthBearer,
  saslAuthenticate: Exchange['saslAuthenticate'],
): Promise<void> {
  const pairs = Object.entries(extensions).map(([name, value]) => `${name}=${value}\x01`);
  const text = `n,,\x01auth=Bearer ${await bearerToken(token)}\x01${pairs.join('')}\x01`;
  await saslAuthenticate({
    request: { encode: async () => new WireWriter().byteString(Buffer.from(text)).bytes },
    response: {
      decode: async (bytes) => bytes,
      async parse(bytes) {
        const reader = new WireReader(bytes);
        const said = reader.raw(Math.max(reader.int32(), 0));
        if (said.length > 0) throw new LoginError(`the broker answered ${said}`);
      },
    },
  });
}
