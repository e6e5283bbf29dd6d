import type { TestProject } from 'vitest/node';
import { EmbeddedKafka } from '../../src/testing/index.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Addresses of the broker that all tests in this folder share. */
    readonly kafkaBrokers: string[];
  }
}

let kafka: EmbeddedKafka | undefined;

/** Starts the shared broker before the first file. */
export async function setup(project: TestProject): Promise<void> {
  kafka = await EmbeddedKafka.start({ onProgress: (message) => console.error(message) });
  project.provide('kafkaBrokers', [...kafka.brokers]);
}

/** Stops it after the last. */
export async function teardown(): Promise<void> {
  await kafka?.stop();
}
