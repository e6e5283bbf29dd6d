/** Which client library stands behind a connection. */
import { debuglog } from 'node:util';
import { MillraceError } from '../../errors.ts';
import type { ConnectionOptions, KafkaClient } from '../client.ts';
import { type ClientInfo, type ClientName, clientInfo, countClient, noteCopying } from './info.ts';
import { createKafkajsClient } from './kafkajs.ts';
import { LoadingClient } from './loading-client.ts';
import { type ClientNeeds, checkClient } from './needs.ts';
import { installedPackages, type Packages } from './packages.ts';

/** What the choice is made in. */
export interface ClientWorld {
  /**
   * Takes one line that says which library runs, once per process and line. Default:
   * `console.error` where `auto` falls back, or each message is copied; else what
   * `NODE_DEBUG=millrace` shows.
   */
  readonly log?: (line: string) => void;
  /** Default: the packages of this process. */
  readonly packages?: Packages;
  /** What is asked of the client besides its connection. */
  readonly needs?: readonly ClientNeeds[];
}

/** What Node.js prints where the environment's `NODE_DEBUG` names millrace. */
const debug = debuglog('millrace');

/** The lines that each logger has been given. */
const said = new WeakMap<(line: string) => void, Set<string>>();

/**
 * The client that `options.client` asks for. `auto` takes `@platformatic/kafka`, and kafkajs where
 * that is not installed or does not load. The client connects when it is first used.
 *
 * Throws `MISSING_DEPENDENCY`, with the line that installs it, where a library that was asked for
 * is not there, or none is; `INVALID_OPTION` where the library that is taken cannot do what is
 * asked of it. A library that is there and does not load rejects each call instead.
 */
export function createClient(options: ConnectionOptions, world: ClientWorld = {}): KafkaClient {
  const { packages = installedPackages, needs = [] } = world;
  const known = clientInfo(packages);
  const wanted =
    options.client === 'auto' ? known : known.filter((i) => i.client === options.client);
  const [first, ...others] = wanted.filter(({ available }) => available);
  if (first === undefined) throw missing(options.client, wanted);
  const check = (info: ClientInfo) => {
    for (const asked of [{ connection: options }, ...needs]) checkClient(asked, info, known);
  };
  check(first);
  const skipped = wanted.find(({ available }) => !available);
  const fellBack = !first.recommended && options.client === 'auto';
  const expected = { name: first.packageName, version: first.version ?? '' };
  let release = countClient(first.client);
  const start = async () => {
    try {
      const client = await load(first, options, packages);
      if (client.copying !== undefined) noteCopying(packages, first.client);
      say(client, fellBack ? skipped?.problem : undefined, world);
      return client;
    } catch (error) {
      // An option that is wrong is wrong for every library.
      const foreign = !(error instanceof MillraceError) || error.code === 'MISSING_DEPENDENCY';
      const next = foreign ? others[0] : undefined;
      if (next === undefined) throw notLoaded(first, error);
      check(next);
      const client = await load(next, options, packages);
      if (client.copying !== undefined) noteCopying(packages, next.client);
      release();
      release = countClient(next.client);
      say(client, `${first.packageName} cannot be loaded (${(error as Error).message})`, world);
      return client;
    }
  };
  return new LoadingClient(expected, start(), () => release());
}

async function load(
  { client }: ClientInfo,
  options: ConnectionOptions,
  packages: Packages,
): Promise<KafkaClient> {
  if (client === 'kafkajs') return createKafkajsClient(options, packages.require);
  const { createPlatformaticClient } = await packages.platformatic();
  return createPlatformaticClient(options);
}

function say(client: KafkaClient, why: string | undefined, world: ClientWorld): void {
  const reasons = [why, client.copying].filter((reason) => reason !== undefined);
  const { name, version } = client;
  const line = `Using ${name} ${version}${reasons.length === 0 ? '' : `: ${reasons.join('; ')}`}`;
  const log = world.log ?? (reasons.length === 0 ? debug : console.error);
  const lines = said.get(log) ?? new Set();
  said.set(log, lines);
  if (lines.has(line)) return;
  lines.add(line);
  log(line);
}

function missing(asked: 'auto' | ClientName, wanted: readonly ClientInfo[]): MillraceError {
  const problems = wanted.map(({ problem }) => problem).join('; ');
  const what = asked === 'auto' ? 'No Kafka client can be used' : `client is '${asked}'`;
  return new MillraceError(`${what}: ${problems}`, {
    code: 'MISSING_DEPENDENCY',
    context: { client: asked },
  });
}

function notLoaded({ client, packageName, version }: ClientInfo, cause: unknown): MillraceError {
  if (cause instanceof MillraceError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `${packageName} ${version} is installed and cannot be loaded: ${reason}`;
  return new MillraceError(message, { code: 'MISSING_DEPENDENCY', context: { client }, cause });
}
