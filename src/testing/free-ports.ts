import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { MillraceError } from '../errors.ts';
import type { ClusterLayout } from './node-config.ts';

// Below the range (32768 and up) from which systems take the ports of outgoing connections: a port
// from there can be taken by any client in the moment between a broker's death and its restart,
// even by one that is trying to reach that very broker.
const FIRST_PORT = 15_000;
const LAST_PORT = 32_000;
const TRIES_MAX = 200;

/**
 * Finds `count` different TCP ports on the loopback address that nothing listens on.
 *
 * They are free when this resolves; nothing holds them for the caller.
 *
 * @throws {@link MillraceError} `INTERNAL` where 200 random ports in a row are taken
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  for (let tries = 0; ports.size < count; tries++) {
    if (tries >= TRIES_MAX) {
      throw new MillraceError(`no ${count} free ports between ${FIRST_PORT} and ${LAST_PORT}`, {
        code: 'INTERNAL',
        context: { tries },
      });
    }
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (!ports.has(port) && (await isFreePort(port))) ports.add(port);
  }
  return [...ports];
}

/** A new cluster of `nodes` nodes on free ports, its files in `folder`; `listeners` are names. */
export async function freeLayout(
  folder: string,
  nodes: number,
  listeners: readonly string[] = [],
): Promise<ClusterLayout> {
  const ports = await freePorts((2 + listeners.length) * nodes);
  const portsOf = (kind: number) => ports.slice(kind * nodes, (kind + 1) * nodes);
  return {
    folder,
    clusterId: randomBytes(16).toString('base64url'),
    brokerPorts: portsOf(0),
    controllerPorts: portsOf(1),
    listenerPorts: Object.fromEntries(listeners.map((name, i) => [name, portsOf(2 + i)])),
  };
}

/** Whether a server could listen on `port` of the loopback address now. */
export async function isFreePort(port: number): Promise<boolean> {
  const server = createServer();
  server.listen({ host: '127.0.0.1', port, exclusive: true });
  try {
    await once(server, 'listening');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false;
    throw error;
  }
  server.close();
  await once(server, 'close');
  return true;
}
