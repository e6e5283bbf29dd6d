/** TLS and SASL as kafkajs takes them. */
import type { ConnectionOptions } from '../../client.ts';

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
    return {
      mechanism,
      oauthBearerProvider: async () => ({ value: await token(), extensions }),
    };
  }
  const { mechanism, username, password } = sasl;
  return { mechanism, username, password: password.reveal() };
}
