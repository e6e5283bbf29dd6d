/** Joins a group in the protocol that is asked for. */

import { ClassicMembership } from './classic-membership.ts';
import { ConsumerMembership } from './consumer-membership.ts';
import type { ConsumerTransport } from './consumer-transport.ts';
import type { GroupTransport } from './group-transport.ts';
import type { Membership, MembershipSettings } from './membership.ts';

/** Makes what sends a member's requests, for either protocol. */
export interface GroupTransports {
  classic(): GroupTransport;
  consumer(): ConsumerTransport;
}

/**
 * Resolves once the group has taken the member in; its first `onAssign` follows. Rejects where it
 * cannot join at all.
 */
export async function joinGroup(
  settings: MembershipSettings,
  transports: GroupTransports,
): Promise<Membership> {
  const membership =
    settings.options.protocol === 'consumer'
      ? new ConsumerMembership(settings, transports.consumer())
      : new ClassicMembership(settings, transports.classic());
  await membership.start();
  return membership;
}
