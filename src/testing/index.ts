/**
 * `millrace/testing`: a real Apache Kafka for tests and trials.
 */
import '../check-node.ts';

export { EmbeddedKafka, type EmbeddedKafkaOptions } from './embedded-kafka.ts';
export type { OnProgress } from './kafka-home.ts';
export type { KafkaTool, ToolOptions, ToolResult } from './kafka-tool.ts';
export type { KafkaConfig } from './node-config.ts';
export type {
  ListenerSasl,
  ListenerTls,
  SecureListener,
  SecureListeners,
} from './secure-listener.ts';
