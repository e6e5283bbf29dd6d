/** Names under which other clients take functions, and what takes them here. */
import type { KnownName, Side } from './known-name.ts';
import { byValue, noted, type Reader, refused } from './reading.ts';

/** Refuses a function; `false`, which node-rdkafka's users write, asks for none. */
function inCode(wayOut: string): Reader {
  return byValue(
    { false: noted('nothing is called') },
    refused(`a configuration has no functions; ${wayOut}`),
  );
}

function row(side: Side, names: readonly string[], wayOut: string): KnownName {
  return { names, side, read: inCode(wayOut), doc: `In code: ${wayOut}.` };
}

/** The rows for callbacks. */
export const CALLBACK_NAMES: readonly KnownName[] = [
  row(
    'sink',
    ['dr.cb', 'dr.msg.cb', 'on.delivery'],
    'await send(), or give a KafkaSink or a publisher onDelivery',
  ),
  row(
    'sink',
    ['partitioner.cb'],
    'give a KafkaSink partitioner: { row: (value, partitions) => number }',
  ),
  row(
    'sink',
    ['msg.order.cmp'],
    'messages of a partition leave in the order of the calls: sort before you send',
  ),
  row(
    'source',
    ['rebalance.cb', 'on.assign', 'on.revoke', 'on.lost'],
    'give the source onAssign, onRevoke and onLost in code',
  ),
  row(
    'source',
    ['offset.commit.cb', 'on.commit', 'default.offset.commit.callback'],
    'commit() resolves when offsets are committed; those that are committed by themselves are in ' +
      'stats()',
  ),
  row('source', ['consume.cb'], 'loop over messages() of a KafkaSource, or batches() of a stream'),
  row(
    'connection',
    ['error.cb', 'event.cb', 'background.event.cb'],
    "what fails rejects the call or the run; listen to process.on('warning') for the rest",
  ),
  row('connection', ['stats.cb', 'throttle.cb'], 'ask for stats() when you want the figures'),
  row(
    'connection',
    ['log.cb', 'logger'],
    "nothing is logged: what fails is thrown; listen to process.on('warning') for the rest",
  ),
  row(
    'connection',
    ['socket.cb', 'connect.cb', 'closesocket.cb', 'open.cb', 'resolve.cb'],
    'sockets and files are those of Node.js: leave it out',
  ),
];
