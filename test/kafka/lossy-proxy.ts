import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Where the proxy listens; a broker behind it listens at 127.0.0.1 and advertises this host. */
export const PROXY_HOST = '127.0.0.2';

const PRODUCE_KEY = 0;
const SIZE_BYTES = 4;
const API_KEY_BYTES = 2;

/** Passes connections on to a broker, and loses answers to what is produced. */
export class LossyProxy {
  readonly address: string;
  /** So many answers to come are lost, each with its connection. */
  losesNext = 0;
  /** Produce requests that came. */
  requests = 0;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((socket) => this.#pass(socket));
  readonly #port: number;

  private constructor(port: number) {
    this.#port = port;
    this.address = `${PROXY_HOST}:${port}`;
  }

  /** Begins to pass on to `address`, from the same port of `PROXY_HOST`. */
  static async start(address: string): Promise<LossyProxy> {
    const proxy = new LossyProxy(Number(address.split(':')[1]));
    proxy.#server.listen(proxy.#port, PROXY_HOST);
    await once(proxy.#server, 'listening');
    return proxy;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #pass(socket: Socket): void {
    const behind = connect(this.#port, '127.0.0.1');
    const keys = new ApiKeys();
    for (const [from, to] of [
      [socket, behind],
      [behind, socket],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
    let produces = 0;
    socket.on('data', (chunk) => {
      const added = keys.take(chunk).filter((key) => key === PRODUCE_KEY).length;
      this.requests += added;
      produces += added;
      behind.write(chunk);
    });
    behind.on('data', (chunk) => {
      // Whoever produces over a connection has the answers to all that went before.
      if (produces > 0 && this.losesNext > 0) {
        this.losesNext -= 1;
        socket.destroy();
      } else socket.write(chunk);
    });
  }
}

/*
  Request => size api_key …
    size => INT32, of what follows
    api_key => INT16
*/
class ApiKeys {
  #header = Buffer.alloc(0);
  #skip = 0;

  /** The keys of the requests that begin in what comes next. */
  take(chunk: Buffer): number[] {
    const keys: number[] = [];
    let rest = Buffer.concat([this.#header, chunk]);
    while (rest.length > 0) {
      const skipped = Math.min(this.#skip, rest.length);
      this.#skip -= skipped;
      rest = rest.subarray(skipped);
      if (this.#skip > 0 || rest.length < SIZE_BYTES + API_KEY_BYTES) break;
      keys.push(rest.readInt16BE(SIZE_BYTES));
      this.#skip = SIZE_BYTES + rest.readInt32BE(0);
    }
    this.#header = rest;
    return keys;
  }
}
