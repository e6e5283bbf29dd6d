/** How a stream's plans run: threads and memory. */
import { availableParallelism } from 'node:os';
import type { RunSettings } from '../plan.ts';
import type { OptionReader } from './option-reader.ts';

const MIB = 1024 * 1024;

/** What every source of a stream takes beside its own options. */
export interface RunSettingsInput {
  /** Worker threads. Default: one less than the cores, at least 1. At most 256. */
  readonly workers?: number;
  /**
   * Bytes that may be in flight at once: input, columns and output of the morsels at work. A slow
   * sink stops the reading when they are used up. Default 64 MiB, at least 1 MiB.
   */
  readonly maxInFlightBytes?: number;
}

/** Names of {@link RunSettingsInput}. */
export const RUN_SETTINGS_NAMES = ['workers', 'maxInFlightBytes'] as const;

/** Reads the settings, defaults filled in. */
export function readRunSettings(options: OptionReader): RunSettings {
  return Object.freeze({
    workers: options.integer('workers', [1, 256], Math.max(1, availableParallelism() - 1)),
    maxInFlightBytes: options.integer('maxInFlightBytes', [MIB, 65_536 * MIB], 64 * MIB),
  });
}
