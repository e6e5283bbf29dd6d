/** Batch settings that engines are tried with, and what all broker suites share. */
import type { BatchSetting, EngineName } from './engine-job.ts';

const KIBIBYTE = 1024;

/** Partitions of every topic. */
export const PARTITIONS = 4;

/** Millrace's defaults, and for each rival those that did best among many when tried by hand. */
export const BATCH_SETTINGS: Readonly<Record<EngineName, readonly BatchSetting[]>> = {
  millrace: [{ rows: 65_536, partitionBytes: 4_096 * KIBIBYTE }],
  kafkajs: [
    { rows: 2_000, partitionBytes: 512 * KIBIBYTE },
    { rows: 5_000, partitionBytes: 1_024 * KIBIBYTE },
    { rows: 10_000, partitionBytes: 2_048 * KIBIBYTE },
  ],
  platformatic: [
    { rows: 1_000, partitionBytes: 1_024 * KIBIBYTE },
    { rows: 5_000, partitionBytes: 1_024 * KIBIBYTE },
    { rows: 10_000, partitionBytes: 2_048 * KIBIBYTE },
  ],
};

/** The settings to try for an engine; one only in a small run. */
export function batchSettings(engine: EngineName, small: boolean): readonly BatchSetting[] {
  return BATCH_SETTINGS[engine].slice(0, small ? 1 : undefined);
}
