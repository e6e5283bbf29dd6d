/**
 * Which partition a key goes to, exactly as Kafka's Java client chooses it.
 *
 * This is for single keys and tests; whole columns of keys are hashed in WASM.
 */
import type { Partitioner } from '../plan.ts';

/** Messages without a key that the sticky partitioner gives to a partition before the next. */
export const STICKY_RUN = 8_192;

const SEED = 0x9747b28c;
const MULTIPLIER = 0x5bd1e995;
const SHIFT = 24;

/**
 * MurmurHash2 (32 bit, Kafka's seed) of `key`, as a signed int32.
 *
 * Same results as `org.apache.kafka.common.utils.Utils.murmur2`. The bytes are read only.
 */
export function murmur2(key: Uint8Array): number {
  const length = key.length;
  const blocksEnd = length & ~3;
  let hash = SEED ^ length;
  for (let i = 0; i < blocksEnd; i += 4) {
    let block = key[i]! | (key[i + 1]! << 8) | (key[i + 2]! << 16) | (key[i + 3]! << 24);
    block = Math.imul(block, MULTIPLIER);
    block ^= block >>> SHIFT;
    hash = Math.imul(hash, MULTIPLIER) ^ Math.imul(block, MULTIPLIER);
  }
  if (length > blocksEnd) {
    let tail = key[blocksEnd]!;
    if (length > blocksEnd + 1) tail |= key[blocksEnd + 1]! << 8;
    if (length > blocksEnd + 2) tail |= key[blocksEnd + 2]! << 16;
    hash = Math.imul(hash ^ tail, MULTIPLIER);
  }
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER);
  return hash ^ (hash >>> 15);
}

/** Clears the sign bit, as Kafka's `Utils.toPositive`; it is not the absolute value. */
export function toPositive(hash: number): number {
  return hash & 0x7fffffff;
}

/** The partition of a non-null key: `toPositive(murmur2(key)) % partitions`, from 0. */
export function partitionForKey(key: Uint8Array, partitions: number): number {
  return toPositive(murmur2(key)) % partitions;
}

/** The columns that a partitioner reads. */
export function partitionColumns(partitioner: Partitioner): {
  readonly column?: string;
  readonly partitionColumn?: string;
} {
  return typeof partitioner === 'string' ? {} : partitioner;
}
