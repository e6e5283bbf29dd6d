/** How a source's group shares out partitions: options to plan. */
import type { AssignorName } from '../ingest/client.ts';
import type { GroupPlan } from '../plan.ts';
import type { OptionReader } from './option-reader.ts';

/** What `group` takes; every option can be left out. */
export interface GroupInput {
  /**
   * `consumer` is the protocol of KIP-848, in which the broker shares out the partitions: Kafka 4.0
   * and later. All members of a group have the same. Default `classic`.
   */
  readonly protocol?: 'classic' | 'consumer';
  /**
   * How a classic group shares out its partitions, the best first; it takes one that all members
   * know. With `cooperative-sticky` alone, partitions that stay keep flowing while others move.
   * Default `['cooperative-sticky']`; groups with Kafka's Java consumers have `range` by default.
   */
  readonly assignors?: readonly AssignorName[];
  /**
   * Static membership: a member that comes back under this name before its session has timed out
   * has its partitions again, and nobody else is disturbed. No two live members may have the same.
   */
  readonly instanceId?: string;
  /** How long a member may be silent, ms. Default 30,000; the broker's counts for `consumer`. */
  readonly sessionTimeoutMs?: number;
  /** How often it says that it lives, ms. Default 3,000. */
  readonly heartbeatIntervalMs?: number;
  /** How long a member may take to give partitions back, ms. Default 60,000. */
  readonly rebalanceTimeoutMs?: number;
}

const NAMES: readonly (keyof GroupInput)[] = [
  'protocol',
  'assignors',
  'instanceId',
  'sessionTimeoutMs',
  'heartbeatIntervalMs',
  'rebalanceTimeoutMs',
];
const ASSIGNORS: readonly AssignorName[] = ['range', 'round-robin', 'cooperative-sticky'];
const DEFAULT_ASSIGNORS: readonly AssignorName[] = Object.freeze(['cooperative-sticky'] as const);
const HOUR_MS = 3_600_000;

/** Reads `group`, defaults filled in. Throws `INVALID_OPTION`. */
export function readGroup(options: OptionReader): GroupPlan {
  const group = options.part('group', NAMES);
  const protocol = group.oneOf('protocol', ['classic', 'consumer'], 'classic');
  const instanceId = group.text('instanceId');
  const sessionTimeoutMs = group.integer('sessionTimeoutMs', [1_000, HOUR_MS], 30_000);
  const heartbeatIntervalMs = group.integer('heartbeatIntervalMs', [100, HOUR_MS], 3_000);
  if (heartbeatIntervalMs >= sessionTimeoutMs) {
    throw heartbeatFault(group, heartbeatIntervalMs, sessionTimeoutMs);
  }
  const rebalanceTimeoutMs = group.integer('rebalanceTimeoutMs', [1_000, HOUR_MS], 60_000);
  return Object.freeze({
    protocol,
    assignors: assignorsOf(group, protocol),
    ...(instanceId === undefined ? {} : { instanceId }),
    sessionTimeoutMs,
    heartbeatIntervalMs,
    rebalanceTimeoutMs,
  });
}

function assignorsOf(group: OptionReader, protocol: string): readonly AssignorName[] {
  const given = group.raw('assignors');
  if (given === undefined) return DEFAULT_ASSIGNORS;
  if (protocol === 'consumer') {
    throw group.fault('assignors', "leave it out: with protocol 'consumer' the broker assigns");
  }
  const known = (name: unknown) => ASSIGNORS.some((assignor) => assignor === name);
  if (!Array.isArray(given) || given.length === 0 || !given.every(known)) {
    throw group.fault('assignors', `give a list of ${ASSIGNORS.map((n) => `'${n}'`).join(', ')}`);
  }
  return Object.freeze([...new Set<AssignorName>(given)]);
}

// The option that was given is at fault; the other one may be a default that nobody wrote.
function heartbeatFault(group: OptionReader, heartbeatMs: number, sessionMs: number) {
  if (group.has('heartbeatIntervalMs')) {
    const kind = group.has('sessionTimeoutMs') ? '' : 'by default ';
    const wayOut = `stay below sessionTimeoutMs, ${kind}${sessionMs}, or raise that`;
    return group.fault('heartbeatIntervalMs', wayOut);
  }
  const wayOut = `it must be above heartbeatIntervalMs, by default ${heartbeatMs}; raise it, or`;
  return group.fault('sessionTimeoutMs', `${wayOut} give a smaller heartbeatIntervalMs`);
}
