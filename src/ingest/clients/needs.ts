/** What a plan asks of the library behind its connection; what that cannot do is refused. */
import { MillraceError } from '../../errors.ts';
import type { KafkaSinkPlan, KafkaSourcePlan } from '../../plan.ts';
import type { ConnectionOptions, GroupOptions } from '../client.ts';
import { type ClientCapabilities, type ClientInfo, type ClientName, clientInfo } from './info.ts';

/** The options for which libraries may differ; what is absent was not asked for. */
export interface ClientNeeds {
  readonly connection: Pick<ConnectionOptions, 'client' | 'rack' | 'ssl' | 'sasl'>;
  /** Where a group is joined. */
  readonly group?: Pick<GroupOptions, 'protocol' | 'assignors' | 'instanceId'>;
  /** Where batches are written. */
  readonly compression?: string;
}

/** What one end of a plan asks for. */
export function needsOf(end: KafkaSourcePlan | KafkaSinkPlan): ClientNeeds {
  const { connection } = end;
  if ('compression' in end) return { connection, compression: end.compression };
  const joins = end.groupId !== undefined && end.partitions === undefined;
  return joins ? { connection, group: end.group } : { connection };
}

/**
 * Refuses options that the library that is named cannot honour, installed or not. What `auto` comes
 * to is known only where the plan runs: `createClient` looks at it then.
 *
 * @throws {@link MillraceError} `INVALID_OPTION`
 */
export function checkNamedClient(needs: ClientNeeds): void {
  const { client } = needs.connection;
  if (client === 'auto') return;
  const known = clientInfo();
  checkClient(needs, known.find((info) => info.client === client)!, known);
}

/**
 * Refuses options that `chosen` cannot honour.
 *
 * @param known every library, of which the message names those that can.
 * @throws {@link MillraceError} `INVALID_OPTION`
 */
export function checkClient(
  needs: ClientNeeds,
  chosen: ClientInfo,
  known: readonly ClientInfo[],
): void {
  const lacking = lackingOptions(needs, chosen.capabilities);
  const [first] = lacking;
  if (first === undefined) return;
  const { packageName, version } = chosen;
  const who = [packageName, version].filter((part) => part !== undefined).join(' ');
  const why = needs.connection.client === 'auto' ? ", which client 'auto' comes to here," : '';
  const able = known
    .filter(({ capabilities }) => lackingOptions(needs, capabilities).length === 0)
    .map((info) => wayTo(info));
  const wayOut = [...able, 'leave out what it cannot do'].join(', or ');
  throw new MillraceError(`${who}${why} cannot honour ${lacking.join(' and ')}: ${wayOut}.`, {
    code: 'INVALID_OPTION',
    context: { option: first, client: chosen.client satisfies ClientName },
  });
}

function wayTo({ client, available, problem }: ClientInfo): string {
  return available ? `choose client '${client}'` : `choose client '${client}' (${problem})`;
}

/** By the names that users write. */
function lackingOptions(
  { connection, group, compression }: ClientNeeds,
  can: ClientCapabilities,
): string[] {
  const { rack, ssl, sasl } = connection;
  const lacking: string[] = [];
  if (rack !== undefined && !can.rackAwareness) lacking.push('rack');
  if (ssl !== undefined && !can.tls) lacking.push('ssl');
  if (sasl !== undefined && !can.saslMechanisms.includes(sasl.mechanism)) {
    lacking.push(`sasl.mechanism '${sasl.mechanism}'`);
  }
  if (compression !== undefined && !can.compressions.includes(compression)) {
    lacking.push(`compression '${compression}'`);
  }
  if (group === undefined) return lacking;
  const { protocol, instanceId, assignors } = group;
  if (!can.groupProtocols.includes(protocol)) lacking.push(`group.protocol '${protocol}'`);
  if (instanceId !== undefined && !can.staticMembership) lacking.push('group.instanceId');
  if (protocol !== 'classic') return lacking;
  for (const assignor of assignors) {
    if (!can.assignors.includes(assignor)) lacking.push(`group.assignors '${assignor}'`);
  }
  return lacking;
}
