/** What the client libraries can do, and which of them are here. */
import type { AssignorName, GroupOptions, SaslOptions } from '../client.ts';
import { isUsableKafkajs, KAFKAJS_VERSION } from './kafkajs/internals.ts';
import { installedPackages, type Packages } from './packages.ts';

/** A client library, as the option `client` names it. */
export type ClientName = 'platformatic' | 'kafkajs';

/** What a client can do. Whatever it cannot is refused with an error that names one that can. */
export interface ClientCapabilities {
  /**
   * Record sets and record batches pass as bytes: no object per message. False for versions of a
   * library that make one, which takes several times the CPU. That somebody has altered a version
   * which makes none is found when the first client is made on it.
   */
  readonly raw: boolean;
  readonly groupProtocols: readonly GroupOptions['protocol'][];
  readonly assignors: readonly AssignorName[];
  /** `group.instance.id`. */
  readonly staticMembership: boolean;
  /** Reads from the nearest replica (option `rack`). */
  readonly rackAwareness: boolean;
  readonly tls: boolean;
  readonly saslMechanisms: readonly SaslOptions['mechanism'][];
  /** Compressions are Millrace's own, and the same with every client. */
  readonly compressions: readonly string[];
}

/** One client library. */
export interface ClientInfo {
  readonly client: ClientName;
  /** The package on npm. */
  readonly packageName: string;
  /** The installed version; `undefined` where it is not installed. */
  readonly version: string | undefined;
  /** The version to install, where others copy each message (`capabilities.raw` is false). */
  readonly recommendedVersion?: string;
  /** Whether `client` may name it now. */
  readonly available: boolean;
  /** Why it is not available, and the way out. */
  readonly problem?: string;
  /** The one that `client: 'auto'` prefers. */
  readonly recommended: boolean;
  /** Whether this process has a client on it that is not closed. */
  readonly inUse: boolean;
  readonly capabilities: ClientCapabilities;
}

const SASL = ['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'] as const;
const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const COMMON = { raw: true, tls: true, saslMechanisms: SASL, compressions: COMPRESSIONS } as const;

interface KnownClient {
  readonly client: ClientName;
  readonly packageName: string;
  readonly recommendedVersion?: string;
  /** Whether a version can be used; absent: whatever is installed. */
  readonly isUsable?: (version: string) => boolean;
  readonly capabilities: ClientCapabilities;
}

/** Every client library, the preferred first. */
const KNOWN: readonly KnownClient[] = [
  {
    client: 'platformatic',
    packageName: '@platformatic/kafka',
    capabilities: {
      ...COMMON,
      groupProtocols: ['classic', 'consumer'],
      assignors: ['range', 'round-robin', 'cooperative-sticky'],
      staticMembership: true,
      rackAwareness: true,
    },
  },
  {
    client: 'kafkajs',
    packageName: 'kafkajs',
    recommendedVersion: KAFKAJS_VERSION,
    isUsable: isUsableKafkajs,
    capabilities: {
      ...COMMON,
      groupProtocols: ['classic', 'consumer'],
      assignors: ['range', 'round-robin', 'cooperative-sticky'],
      staticMembership: true,
      rackAwareness: true,
    },
  },
];

/** What was found when a library was loaded, by the packages that it came from. */
const copying = new WeakMap<Packages, Set<ClientName>>();

/** Remembers that a library turned out to copy each message, whatever its version. */
export function noteCopying(packages: Packages, client: ClientName): void {
  copying.set(packages, (copying.get(packages) ?? new Set()).add(client));
}

const open = new Map<ClientName, number>();

/** Counts a client that was made; call what it gives when the client is closed, once. */
export function countClient(client: ClientName): () => void {
  open.set(client, (open.get(client) ?? 0) + 1);
  return () => void open.set(client, open.get(client)! - 1);
}

/**
 * Every client library that Millrace knows, the preferred first: what is installed, what it can do
 * and whether it is in use.
 *
 * @example
 * ```ts
 * for (const { client, version } of clientInfo()) console.log(client, version ?? 'missing');
 * ```
 */
export function clientInfo(packages: Packages = installedPackages): ClientInfo[] {
  return KNOWN.map(({ isUsable, ...known }, i) => {
    const version = packages.version(known.packageName);
    const problem = problemOf(known, version, isUsable);
    const { recommendedVersion = version, capabilities } = known;
    const isKnown = version === undefined || version === recommendedVersion;
    const copies = !isKnown || copying.get(packages)?.has(known.client) === true;
    return {
      ...known,
      capabilities: { ...capabilities, raw: capabilities.raw && !copies },
      version,
      available: problem === undefined,
      ...(problem !== undefined && { problem }),
      recommended: i === 0,
      inUse: (open.get(known.client) ?? 0) > 0,
    };
  });
}

/** Names that the option `client` may have now, the preferred first. */
export function availableClients(packages: Packages = installedPackages): ClientName[] {
  return clientInfo(packages)
    .filter(({ available }) => available)
    .map(({ client }) => client);
}

function problemOf(
  { packageName, recommendedVersion }: Omit<KnownClient, 'isUsable'>,
  version: string | undefined,
  isUsable: (version: string) => boolean = () => true,
): string | undefined {
  const wanted =
    recommendedVersion === undefined ? packageName : `${packageName}@${recommendedVersion}`;
  if (version === undefined) return `${packageName} is not installed: npm install ${wanted}`;
  if (isUsable(version)) return undefined;
  return `${packageName} is ${version}, which is not known: npm install ${wanted}`;
}
