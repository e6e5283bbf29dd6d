/** What `security.protocol` says, against what else is said of encryption and login. */
import { SASL_NAMES } from '../ingest/security-options.ts';
import { meantName } from '../nearest-name.ts';
import { TOKEN } from './connection-names.ts';
import type { Setting } from './setting.ts';
import { said, setting, wrong } from './setting.ts';

/** What one protocol asks for. */
interface Demand {
  readonly ssl: boolean;
  readonly sasl: boolean;
}

const PROTOCOLS: Readonly<Record<string, Demand>> = {
  PLAINTEXT: { ssl: false, sasl: false },
  SSL: { ssl: true, sasl: false },
  SASL_PLAINTEXT: { ssl: false, sasl: true },
  SASL_SSL: { ssl: true, sasl: true },
};

/** What is said of one connection: the common one's, or that of a side. */
interface Said {
  readonly base: string;
  /** What is said here, and what is inherited from `connection`. */
  readonly ssl: readonly Setting[];
  readonly sasl: readonly Setting[];
  /** Whether a side says more of the login, where this is `connection`. */
  readonly goesOn: boolean;
}

/**
 * Turns `securityProtocol` of the connection and of each side into `ssl`, and checks that what is
 * said of `ssl` and `sasl` fits to it. Changes `settings`.
 *
 * @param presetPlace where settings of a preset come from: those give way.
 * @throws MillraceError `INVALID_OPTION` that names both of two that contradict each other.
 */
export function settleSecurity(settings: Map<string, Setting>, presetPlace: string): void {
  const common = settings.get('connection.securityProtocol');
  for (const base of ['connection', 'source', 'sink']) {
    const protocol = settings.get(`${base}.securityProtocol`);
    const ssl = under(settings, base, 'ssl');
    const sasl = under(settings, base, 'sasl');
    const paths = [...settings.keys()];
    const goesOn = base === 'connection' && paths.some((path) => /^s\w+\.sasl\./.test(path));
    checkSwitch(ssl, base);
    if (protocol !== undefined) {
      settings.delete(protocol.path);
      settleProtocol(settings, protocol, { base, ssl, sasl, goesOn }, presetPlace);
    } else if (common === undefined) {
      checkLoginIsMeant(ssl, sasl);
    }
    if (!goesOn) checkLogin(sasl);
  }
}

// A weaker place's parts are gone by now: these were said beside `ssl: false`.
function checkSwitch(ssl: readonly Setting[], base: string): void {
  const off = ssl.find(({ path, value }) => path === `${base}.ssl` && value === false);
  const part = ssl.find(({ path }) => path.startsWith(`${base}.ssl.`));
  if (off !== undefined && part !== undefined) throw clash(off, part, 'take one of them away');
}

function settleProtocol(
  settings: Map<string, Setting>,
  protocol: Setting,
  { base, ssl, sasl, goesOn }: Said,
  presetPlace: string,
): void {
  const demand = PROTOCOLS[String(protocol.value)]!;
  const own = ssl.filter(({ path }) => path.startsWith(`${base}.`));
  const on = own.find(({ value, where }) => value !== false && where !== presetPlace);
  const off = own.find(({ value, path }) => path.endsWith('.ssl') && value === false);
  if (!demand.ssl && on !== undefined) {
    const better = demand.sasl ? 'SASL_SSL' : 'SSL';
    throw clash(protocol, on, `give ${better} to encrypt, or take ${on.name} away`);
  }
  if (demand.ssl && off !== undefined) throw clash(protocol, off, 'take one of them away');
  if (!demand.sasl && sasl[0] !== undefined) {
    const better = demand.ssl ? 'SASL_SSL' : 'SASL_PLAINTEXT';
    throw clash(protocol, sasl[0], `give ${better} to log in, or take ${sasl[0].name} away`);
  }
  if (demand.sasl && sasl.length === 0 && !goesOn) {
    const wayOut = 'give sasl.mechanism, sasl.username and sasl.password, too';
    throw wrong(protocol.where, protocol.name, `${said(protocol)} takes a login; ${wayOut}`);
  }
  const path = `${base}.ssl`;
  if (!demand.ssl) {
    for (const { path } of own) settings.delete(path);
    settings.set(path, setting(path, false, protocol.name, protocol.where));
  } else if (ssl.every(({ value }) => value === false)) {
    settings.set(path, setting(path, true, protocol.name, protocol.where));
  }
}

// Other clients take no notice of a password without a protocol that logs in; and it must not go
// out in plain text because somebody forgot a line.
function checkLoginIsMeant(ssl: readonly Setting[], sasl: readonly Setting[]): void {
  const foreign = sasl.find(({ name, path }) => name !== path && !/^millrace[._]/i.test(name));
  const isEncrypted = ssl.some(({ value }) => value !== false);
  if (foreign === undefined || isEncrypted) return;
  throw wrong(
    foreign.where,
    foreign.name,
    `${foreign.name} takes security.protocol, too; give SASL_SSL, or SASL_PLAINTEXT where the ` +
      'network is yours alone',
  );
}

function checkLogin(sasl: readonly Setting[]): void {
  const part = (name: string) => sasl.find(({ path }) => path.endsWith(`.sasl.${name}`));
  const first = sasl.find(({ path }) => /\.sasl\.\w+$/.test(path));
  if (first === undefined) return;
  checkLoginNames(sasl);
  const mechanism = part('mechanism');
  if (mechanism === undefined) {
    const wayOut = 'give PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512';
    throw wrong(first.where, first.name, `${first.name} takes sasl.mechanism, too; ${wayOut}`);
  }
  if (String(mechanism.value).toLowerCase() === 'oauthbearer') {
    if (part('token') !== undefined) return;
    throw wrong(mechanism.where, mechanism.name, `${said(mechanism)}: ${TOKEN}`);
  }
  for (const name of ['username', 'password']) {
    if (part(name) !== undefined) continue;
    const message = `${said(mechanism)} takes sasl.${name}, too`;
    throw wrong(mechanism.where, mechanism.name, message);
  }
}

// Before anything is said to be missing: it may be there under a name that is mistyped.
function checkLoginNames(sasl: readonly Setting[]): void {
  for (const { path, name, where } of sasl) {
    const part = /\.sasl\.(\w+)$/.exec(path)?.[1];
    if (part === undefined || SASL_NAMES.includes(part)) continue;
    throw wrong(where, name, `${name}: there is no such option; ${meantName(part, SASL_NAMES)}`);
  }
}

/** What is said of a part of a connection; a side with brokers of its own inherits nothing. */
function under(
  settings: ReadonlyMap<string, Setting>,
  base: string,
  part: 'ssl' | 'sasl',
): Setting[] {
  const found = [...settings.values()];
  const own = found.filter(({ path }) => isUnder(path, `${base}.${part}`));
  const concerns = own.length > 0 || settings.has(`${base}.securityProtocol`);
  if (base === 'connection' || !concerns || settings.has(`${base}.brokers`)) return own;
  const names = own.map(({ path }) => path.slice(base.length));
  const inherited = found
    .filter(({ path }) => isUnder(path, `connection.${part}`))
    .filter(({ path }) => !names.includes(path.slice('connection'.length)));
  return [...own, ...inherited];
}

function isUnder(path: string, owner: string): boolean {
  return path === owner || path.startsWith(`${owner}.`);
}

function clash(one: Setting, other: Setting, wayOut: string) {
  const places = one.where === other.where ? one.where : `${one.where} and ${other.where}`;
  return wrong(
    places,
    one.name,
    `${said(one)} and ${said(other)} contradict each other; ${wayOut}`,
  );
}
