/** TLS and SASL as kafkajs takes them. */
import type { ConnectionOptions } from '../../client.ts';
import { bearerToken } from '../bearer-token.ts';
import { WireReader } from '../wire.ts';
import type { KafkajsConnection, ProtocolRequest, ProtocolResponse } from './internals.ts';

const SASL_AUTHENTICATE = 36;

/** What `connection.send` takes. */
interface Sent<Answer> {
  readonly request: ProtocolRequest;
  readonly response: ProtocolResponse<Answer>;
  readonly logResponseError: boolean;
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
    const { mechanism, token, extensions } = sasl;
    // A name that every kafkajs 2 knows; `authenticationProvider` came with 2.2.0.
    const oauthBearerProvider = async () => ({ value: await bearerToken(token), extensions });
    return { mechanism, oauthBearerProvider };
  }
  const { mechanism, username, password } = sasl;
  return { mechanism, username, password: password.reveal() };
}

/**
 * Has connections that log in with a token look at what the broker says of it: kafkajs's own
 * authenticator does not, and goes on as if the token were taken.
 *
 * RFC 7628, 3.2.2: a server that does not take the token answers without an error and says why in
 * JSON, such as {"status":"invalid_token"}; with success it says nothing.
 */
export function heedRefusedTokens(connections: readonly KafkajsConnection[]): void {
  for (const connection of connections) {
    const send = connection.send.bind(connection);
    connection.send = async <Answer>(protocol: Sent<Answer>) => {
      const answer = await send(protocol);
      if (protocol.request.apiKey === SASL_AUTHENTICATE) failIfRefused(answer);
      return answer;
    };
  }
}

function failIfRefused(answer: unknown): void {
  const { authBytes } = answer as { authBytes: Buffer };
  // kafkajs puts their length before them.
  const reader = new WireReader(authBytes);
  const said = reader.raw(Math.max(reader.int32(), 0));
  if (said.length > 0) throw new LoginError(`the broker answered ${said}`);
}
