import type { ConnectionOptions } from './client.ts';

/**
 * A connection in words for people: where, whether it is encrypted, who logs in and how. Passwords,
 * keys and tokens are never in it.
 */
export function connectionToString(connection: ConnectionOptions): string {
  const { brokers, ssl, sasl, rack } = connection;
  return [
    brokers.join(', '),
    ...(ssl === undefined ? [] : [ssl.cert === undefined ? 'TLS' : 'TLS with a certificate']),
    ...(ssl?.rejectUnauthorized === false ? ['taking any certificate'] : []),
    ...(sasl === undefined ? [] : [loginToString(sasl)]),
    ...(rack === undefined ? [] : [`rack ${rack}`]),
  ].join(', ');
}

function loginToString(sasl: NonNullable<ConnectionOptions['sasl']>): string {
  if (sasl.mechanism === 'oauthbearer') return 'log-in by token (oauthbearer)';
  return `log-in as ${sasl.username} (${sasl.mechanism})`;
}
