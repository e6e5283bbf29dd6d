/**
 * What a broker would have said that hung up without a word.
 *
 * A listener that asks for a log-in ends the connection at the first request of somebody who has
 * not logged in, and one that speaks TLS at the first byte that is not. Neither says so in a way
 * that can be told from a broker that died, so it is asked, on a connection of its own and without
 * any library: which mechanisms of logging in it takes.
 */
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { MillraceError } from '../../errors.ts';
import type { ConnectionOptions } from '../client.ts';
import { WireReader, WireWriter } from './wire.ts';

/** A broker that is there answers at once; one that hangs must not hold the error up, ms. */
const ASK_MAX_MS = 1_000;
/** An answer has a few dozen. */
const ANSWER_BYTES_MAX = 65_536;
/** The length before each message. */
const LENGTH_BYTES = 4;

const SASL_HANDSHAKE_KEY = 17;
const SASL_HANDSHAKE_VERSION = 1;

/** How TLS begins an alert: its type, and the major version. */
const TLS_ALERT = [0x15, 0x03] as const;

/**
 * Why nothing was answered, `TLS_FAILED` or `AUTHENTICATION_FAILED`; `undefined` where that is not
 * found out, for instance because nobody listens.
 *
 * @param tls what `tls.connect` is given; absent: plain text is sent.
 */
export async function askSilentBroker(
  { host, port }: { readonly host: string; readonly port: number },
  { clientId, connectTimeoutMs }: Pick<ConnectionOptions, 'clientId' | 'connectTimeoutMs'>,
  tls: object | undefined,
): Promise<MillraceError | undefined> {
  const broker = `${host}:${port}`;
  const socket = tls
    ? connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }), ...tls })
    : connectPlain({ host, port });
  const maxMs = Math.min(ASK_MAX_MS, connectTimeoutMs);
  const ready = tls ? 'secureConnect' : 'connect';
  const answer = await exchange(socket, ready, handshake(clientId), maxMs);
  if (tls === undefined && TLS_ALERT.every((byte, i) => answer[i] === byte)) {
    const message = `Connecting to ${broker}: the broker speaks TLS on this port; give ssl.`;
    const context = { broker, reason: 'TLS_ALERT' };
    return new MillraceError(message, { code: 'TLS_FAILED', context });
  }
  const mechanisms = mechanismsIn(answer);
  if (mechanisms.length === 0) return undefined;
  const known = mechanisms.map((mechanism) => mechanism.toLowerCase()).join(', ');
  return new MillraceError(
    `Connecting to ${broker}: this listener asks for a log-in (${known}); give sasl.`,
    { code: 'AUTHENTICATION_FAILED', context: { broker, mechanisms: known } },
  );
}

/*
  SaslHandshake Request (Version 1) => api_key api_version correlation_id client_id mechanism
    api_key, api_version => INT16
    correlation_id => INT32
    client_id => NULLABLE_STRING
    mechanism => STRING
*/
function handshake(clientId: string): Buffer {
  const request = new WireWriter().int16(SASL_HANDSHAKE_KEY).int16(SASL_HANDSHAKE_VERSION);
  return new WireWriter().byteString(request.int32(0).string(clientId).string('PLAIN').bytes).bytes;
}

/*
  SaslHandshake Response (Version 1) => correlation_id error_code [mechanisms]
    correlation_id => INT32
    error_code => INT16 (33: it takes others than the one that was asked for)
    mechanisms => STRING
*/
/** None where the answer is another one, or incomplete. */
function mechanismsIn(answer: Buffer): string[] {
  const reader = new WireReader(answer);
  try {
    reader.int32();
    reader.int32();
    reader.int16();
    return reader.array(() => reader.string() ?? '');
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}

/** Sends `request` when the socket is `ready`; answers what has come, as soon as it is enough. */
async function exchange(
  socket: Socket,
  ready: 'connect' | 'secureConnect',
  request: Buffer,
  maxMs: number,
): Promise<Buffer> {
  const done = Promise.withResolvers<void>();
  const chunks: Buffer[] = [];
  const timeout = setTimeout(done.resolve, maxMs);
  socket.once(ready, () => socket.write(request));
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    if (isEnough(Buffer.concat(chunks))) done.resolve();
  });
  // That it could not be asked is an answer, too: nothing.
  socket.once('error', () => done.resolve());
  socket.once('close', () => done.resolve());
  await done.promise;
  clearTimeout(timeout);
  socket.on('error', () => undefined).destroy();
  return Buffer.concat(chunks);
}

function isEnough(bytes: Buffer): boolean {
  if (bytes.length < LENGTH_BYTES) return false;
  const byteLength = LENGTH_BYTES + bytes.readUInt32BE(0);
  return byteLength > ANSWER_BYTES_MAX || bytes.length >= byteLength;
}
