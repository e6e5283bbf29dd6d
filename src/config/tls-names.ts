/** Names of TLS in other clients that Millrace leaves to Node.js. */
import type { KnownName } from './known-name.ts';
import { byValue, noted, refused } from './reading.ts';

const NODE = 'TLS is that of Node.js';
const BOTH = noted(`${NODE}, which speaks 1.2 and 1.3`);
const VERSIONS = 'say it to all of the process: node --tls-min-v1.3, or --tls-max-v1.2';

/** The rows for versions, ciphers and engines of TLS. */
export const TLS_NAMES: readonly KnownName[] = [
  {
    names: ['ssl.enabled.protocols'],
    side: 'connection',
    read: byValue(
      { 'tlsv1.2,tlsv1.3': BOTH, 'tlsv1.3,tlsv1.2': BOTH },
      refused(`${NODE}; ${VERSIONS}`),
    ),
    doc: 'TLSv1.2,TLSv1.3. Else node --tls-min-v1.3 or --tls-max-v1.2.',
  },
  {
    names: ['ssl.protocol'],
    side: 'connection',
    read: byValue({ tls: BOTH, 'tlsv1.3': BOTH }, refused(`${NODE}; ${VERSIONS}`)),
    doc: 'TLS or TLSv1.3. Else node --tls-max-v1.2.',
  },
  {
    names: ['ssl.cipher.suites', 'ssl.ciphers'],
    side: 'connection',
    read: refused(`${NODE}; say it to all of the process: node --tls-cipher-list=…`),
    doc: 'node --tls-cipher-list=….',
  },
  {
    names: ['ssl.curves.list', 'ssl.sigalgs.list'],
    side: 'connection',
    read: refused(`${NODE}; say it in the file of node --openssl-config=…`),
    doc: 'node --openssl-config=….',
  },
  {
    names: [
      'ssl.engine.factory.class',
      'ssl.engine.location',
      'ssl.engine.id',
      'ssl.engine.callback.data',
      'ssl.provider',
      'ssl.providers',
      'ssl.secure.random.implementation',
    ],
    side: 'connection',
    read: refused(`${NODE}; leave it out, or give node --openssl-config=… with a provider`),
    doc: 'TLS is that of Node.js; node --openssl-config=… has its providers.',
  },
  {
    names: ['ssl.keymanager.algorithm', 'ssl.trustmanager.algorithm'],
    side: 'connection',
    read: byValue(
      { sunx509: noted(NODE), pkix: noted(NODE) },
      refused(`${NODE}; leave it out, and give PEM files`),
    ),
    doc: "SunX509 or PKIX, Java's own; certificates are checked by Node.js.",
  },
  {
    names: ['ssl.ca.certificate.stores'],
    side: 'connection',
    read: refused('give ssl.ca.location, or start node --use-system-ca'),
    doc: "node --use-system-ca trusts whom the system's stores trust.",
  },
  {
    names: ['ssl.crl.location', 'ssl.crlfile'],
    side: 'connection',
    read: refused(
      'lists of revoked certificates are not read; leave it out, and have ssl.ca.location name ' +
        'none but the authorities that you trust',
    ),
    doc: 'Lists of revoked certificates are not read.',
  },
  {
    names: ['ssl.context'],
    side: 'connection',
    read: refused('give what it holds: connection.ssl { ca, cert, key, passphrase }'),
    isSecret: true,
    doc: 'connection.ssl { ca, cert, key, passphrase } has what it holds.',
  },
  {
    names: ['ssl.certificate.verify.cb'],
    side: 'connection',
    read: refused(
      'certificates are checked by Node.js; give connection.ssl { ca } whom you trust, and ' +
        'servername',
    ),
    doc: 'Certificates are checked by Node.js: connection.ssl { ca, servername }.',
  },
];
