/** How far a socket came, of which kafkajs tells little. */
import type { Socket } from 'node:net';

/** What happened to one socket while it was connecting. */
export class SocketStory {
  /** The first error that it reported. */
  heard: unknown;
  /** Somebody took the connection. */
  isConnected = false;
  /** The handshake of TLS has succeeded. */
  isSecured = false;

  /** Listens to `socket`; answers it. */
  watch(socket: Socket): Socket {
    socket.on('error', (error) => {
      this.heard ??= error;
    });
    socket.once('connect', () => {
      this.isConnected = true;
    });
    socket.once('secureConnect', () => {
      this.isSecured = true;
    });
    return socket;
  }

  /** Whether the handshake of TLS was ended by the other side, without saying why. */
  get endedHandshake(): boolean {
    const { code } = (this.heard ?? {}) as NodeJS.ErrnoException;
    return this.isConnected && !this.isSecured && code === 'ECONNRESET';
  }
}
