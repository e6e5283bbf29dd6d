import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { InferenceOptions } from '../../../src/stream/infer-schema.ts';
import { root } from '../../house/source-tree.ts';

/** One case of test/golden/infer. */
export interface GoldenInference {
  readonly name: string;
  readonly about: string;
  readonly options: InferenceOptions;
  /** Text as it stands, null a tombstone. */
  readonly messages: readonly (string | null)[];
  /** The lines of the literal. */
  readonly literal: readonly string[];
  /** `kind column: message`. */
  readonly notes: readonly string[];
  /** `message: reason`; absent: none. */
  readonly rejects?: readonly string[];
}

/** Every case; messages that are written as objects are made text. */
export function goldenInferences(): GoldenInference[] {
  return globSync('test/golden/infer/*.json', { cwd: root })
    .sort()
    .map((path) => {
      const golden = JSON.parse(readFileSync(join(root, path), 'utf8'));
      const messages = golden.messages.map((message: unknown) =>
        typeof message === 'string' || message === null ? message : JSON.stringify(message),
      );
      return { ...golden, name: basename(path, '.json'), messages };
    });
}
