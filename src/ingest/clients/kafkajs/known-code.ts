/**
 * Whether the code of kafkajs by which record batches pass as bytes is the code that was read.
 *
 * Views of what kafkajs received are kept, and its sockets are written to from memory that it does
 * not know. That is safe because of what these modules do, and do not do, with buffers; so it is
 * their code that is compared, not a version that anybody can write above other code.
 */
import { createHash } from 'node:crypto';
import type { Require } from './internals.ts';

/** SHA-256 of the text of the class, or function, that each module of 2.2.4 exports. */
const PUBLISHED: Readonly<Record<string, string>> = {
  'network/connection.js': 'fd37a6c0e6bfd29561ec9b7373733becb466493ec3150c100c08e8db6c96ad91',
  'network/connectionPool.js': 'e66f3524bf57d72e4f4cb4a3d5718d2bfd1ac273b49ef0e9c8362598f10407c0',
  'network/requestQueue/index.js':
    'b36e8d8f00ec8b499241c04d0e631c384e22888f67c81abda7e0306a7de0f8cf',
  'network/requestQueue/socketRequest.js':
    'bdaf56891886a504bddd0465ac3862fdf567918a08511e0c99a386b2086b68ad',
  'protocol/request.js': '989e20fd47854b087d0a699b8312176511e37cc8440b7146b34fa3d494d5a9b4',
  'protocol/encoder.js': '1f763192c693e21bac5fb94da7272ef3c46403771b848b46dd5c370eb8734bb1',
  'protocol/decoder.js': 'ee9fbfe367cf0f9599fc8df808725dd6d75b0f5e7acdfd45744417cea4117b65',
};

/** Modules of kafkajs whose code is not that of 2.2.4, such as `network/connection.js`. */
export function alteredModules(load: Require): string[] {
  return Object.entries(PUBLISHED).flatMap(([name, published]) => {
    const text = codeOf(loaded(load, `kafkajs/src/${name}`));
    const found = text === undefined ? '' : createHash('sha256').update(text).digest('hex');
    return found === published ? [] : [name];
  });
}

function loaded(load: Require, name: string): unknown {
  try {
    return load(name);
  } catch {
    return undefined;
  }
}

/** The text of a class or function; `undefined` where a method was put into it since. */
function codeOf(exported: unknown): string | undefined {
  if (typeof exported !== 'function') return undefined;
  const text = String(exported);
  const members = Object.values(Object.getOwnPropertyDescriptors(exported.prototype ?? {}));
  const isOwn = members.every(
    ({ value }) => typeof value !== 'function' || text.includes(String(value)),
  );
  return isOwn ? text : undefined;
}
