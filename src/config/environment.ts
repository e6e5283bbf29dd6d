/** Settings in environment variables. */
import { readNames } from './read-names.ts';
import { type Layer, wrong } from './setting.ts';

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The variable that names the configuration's file. */
export const FILE_VARIABLE = 'MILLRACE_CONFIG';

/** Variables of this repository's own tools and tests. */
const OWN_OTHERS = [FILE_VARIABLE, 'MILLRACE_CACHE', 'MILLRACE_TEST_RESULTS'];

/**
 * Variables that Kafka's own scripts and images have, and those that Kubernetes makes for a
 * service named `kafka`. They are no settings of a client.
 */
const KAFKA_OTHERS = new RegExp(
  `^KAFKA_(${[
    'HOME|VERSION|DEBUG|OPTS|.+_OPTS|LOG4J_.+|LOG_DIRS?|LOG_.+|JMX_.+|GC_.+|JVM_.+',
    'PORT|PORT_.+|SERVICE_HOST|SERVICE_PORT|SERVICE_PORT_.+|HOST_NAME',
    'LISTENERS?|LISTENER_.+|ADVERTISED_.+|INTER_BROKER_.+|BROKER_ID|BROKER_RACK|NODE_ID',
    'PROCESS_ROLES|CONTROLLER_.+|ZOOKEEPER_.+|CFG_.+|KRAFT_.+|CLUSTER_ID|OFFSETS_TOPIC_.+',
    'TRANSACTION_STATE_LOG_.+|AUTO_CREATE_TOPICS_ENABLE|NUM_PARTITIONS|MIN_INSYNC_REPLICAS',
    'DEFAULT_REPLICATION_FACTOR|CREATE_TOPICS|HEAP_.+',
  ].join('|')})$`,
);

/** Those that Kubernetes makes for services such as `kafka-broker`. */
const SERVICE = /_SERVICE_(HOST|PORT(_.+)?)$|_PORT_\d+_(TCP|UDP|SCTP)(_.+)?$/;

/**
 * What the variables `KAFKA_…` and `MILLRACE_…` say. `KAFKA_CONSUMER_X` and `KAFKA_PRODUCER_X` are
 * the known name X for one side, `KAFKA_X` for both; `MILLRACE_SOURCE_BATCH_MAX_ROWS` is the own
 * option `source.batch.maxRows`. An empty variable is as one that is not there.
 *
 * @throws MillraceError `INVALID_OPTION`.
 */
export function readEnvironment(env: Environment): Layer {
  const entries = Object.entries(env)
    .filter(([name]) => /^(KAFKA|MILLRACE)_/.test(name))
    .filter(([name]) => !OWN_OTHERS.includes(name) && !KAFKA_OTHERS.test(name))
    .filter(([name, value]) => !SERVICE.test(name) && !text(name, value).startsWith('tcp://'))
    .filter(([, value]) => value !== undefined && value !== '')
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return readNames(entries, { where: 'the environment', isEnvironment: true });
}

// One that somebody made up may have what no process has. It may be a secret: it is not shown.
function text(name: string, value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  const wayOut = 'variables are text: put it into quotes';
  throw wrong('the environment', name, `${name} is of type ${typeof value}; ${wayOut}`);
}
