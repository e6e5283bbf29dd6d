/** Names of other clients' settings that bear on no side, and of this configuration itself. */
import type { KnownName } from './known-name.ts';
import { noted, refused, text } from './reading.ts';

const OWN = 'Millrace sees to it by itself';

/** The rows that belong to neither side. */
export const GENERAL_NAMES: readonly KnownName[] = [
  { names: ['preset'], side: 'config', option: 'preset', read: text, doc: 'A preset, by name.' },
  {
    names: [
      'metadata.max.age.ms',
      'metadata.max.idle.ms',
      'metadata.recovery.strategy',
      'metadata.recovery.rebootstrap.trigger.ms',
      'topic.metadata.refresh.interval.ms',
      'topic.metadata.refresh.fast.interval.ms',
      'topic.metadata.refresh.sparse',
      'topic.metadata.propagation.max.ms',
      'connections.max.idle.ms',
      'reconnect.backoff.ms',
      'reconnect.backoff.max.ms',
      'reconnect.backoff.jitter.ms',
      'retry.backoff.max.ms',
      'socket.connection.setup.timeout.max.ms',
      'send.buffer.bytes',
      'receive.buffer.bytes',
      'socket.send.buffer.bytes',
      'socket.receive.buffer.bytes',
      'socket.keepalive.enable',
      'socket.nagle.disable',
      'socket.max.fails',
      'client.dns.lookup',
      'broker.address.ttl',
      'broker.address.family',
      'api.version',
      'api.version.auto.timeout.ms',
      'api.version.request',
      'api.version.request.timeout.ms',
      'api.version.fallback.ms',
      'broker.version.fallback',
    ],
    side: 'connection',
    read: noted(OWN),
    doc: 'Metadata, idle connections, buffers and versions: Millrace sees to them by itself.',
  },
  {
    names: ['allow.auto.create.topics'],
    side: 'connection',
    read: noted('Millrace never creates topics by itself'),
    doc: 'Topics are never created by themselves.',
  },
  {
    names: [
      'metrics.num.samples',
      'metrics.recording.level',
      'metrics.sample.window.ms',
      'metrics.enabled',
      'metric.reporters',
      'auto.include.jmx.reporter',
      'enable.metrics.push',
      'statistics.interval.ms',
      'debug',
      'log.level',
      'log.queue',
      'log.thread.name',
      'log.connection.close',
    ],
    side: 'connection',
    read: noted('figures are in run.stats()'),
    doc: 'Figures are in run.stats().',
  },
  {
    names: ['interceptor.classes', 'security.providers', 'plugin.library.paths'],
    side: 'connection',
    read: refused("it names code of another client's; put what it does into a step of the stream"),
    doc: "Code of other clients' cannot run here.",
  },
];
