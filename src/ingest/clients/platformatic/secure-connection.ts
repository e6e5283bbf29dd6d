/** Encryption and log-in as the library takes them. */
import { AuthenticationError, type Connection } from '@platformatic/kafka';
import type { SaslOptions, SslOptions } from '../../client.ts';
import { bearerToken } from '../bearer-token.ts';

type LibraryOptions = NonNullable<ConstructorParameters<typeof Connection>[1]>;
type TlsOptions = NonNullable<LibraryOptions['tls']>;
type LibrarySasl = NonNullable<LibraryOptions['sasl']>;

const MECHANISMS = {
  plain: 'PLAIN',
  'scram-sha-256': 'SCRAM-SHA-256',
  'scram-sha-512': 'SCRAM-SHA-512',
  oauthbearer: 'OAUTHBEARER',
} as const;

/** The options of `tls.connect`. The host's name is added by the library. */
export function tlsOptions(ssl: SslOptions): TlsOptions {
  const { ca, cert, key, passphrase, servername, rejectUnauthorized } = ssl;
  return {
    rejectUnauthorized,
    ...(ca === undefined ? {} : { ca: [...ca] }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key: key.reveal() }),
    ...(passphrase === undefined ? {} : { passphrase: passphrase.reveal() }),
    ...(servername === undefined ? {} : { servername }),
  };
}

/** The options of SASL. Secrets are revealed when a connection asks for them, and not kept. */
export function saslOptions(sasl: SaslOptions): LibrarySasl {
  const mechanism = MECHANISMS[sasl.mechanism];
  if (sasl.mechanism !== 'oauthbearer') {
    return { mechanism, username: sasl.username, password: () => sasl.password.reveal() };
  }
  return {
    mechanism,
    token: () => bearerToken(sasl.token),
    authBytesValidator: refuseOAuthFailure,
    ...(sasl.extensions === undefined ? {} : { oauthBearerExtensions: { ...sasl.extensions } }),
  };
}

/*
  RFC 7628, 3.2.2: a server that does not take the token answers without an error and says why in
  JSON, such as {"status":"invalid_token"}; with success it says nothing.
*/
type Validator = NonNullable<LibrarySasl['authBytesValidator']>;
const refuseOAuthFailure: Validator = (answer, callback) => {
  if (answer.length === 0) return callback(null, answer);
  callback(new AuthenticationError(`the broker answered ${answer.toString('utf8')}`), answer);
};
