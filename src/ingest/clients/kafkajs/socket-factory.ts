/** The sockets that kafkajs is given. */
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

const KEEP_ALIVE_DELAY_MS = 60_000;

/** What kafkajs asks for a socket with. */
export interface SocketRequest {
  readonly host: string;
  readonly port: number;
  /** As `tls.connect` takes it; nothing: plain text. */
  readonly ssl?: object | null;
  onConnect(): void;
}

/** Makes sockets; kafkajs listens to their `data`, `end`, `error` and `timeout`. */
export type SocketFactory = (request: SocketRequest) => Socket;

/** Sockets that time out when nothing has come or gone for `socketTimeoutMs`. */
export function socketFactory(socketTimeoutMs: number): SocketFactory {
  return ({ host, port, ssl, onConnect }) => {
    const socket = ssl
      ? connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }), ...ssl }, onConnect)
      : connectPlain({ host, port }, onConnect);
    socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
    // A request is one write, or one gathering write: there is nothing to wait for.
    socket.setNoDelay(true);
    socket.setTimeout(socketTimeoutMs);
    return socket;
  };
}
