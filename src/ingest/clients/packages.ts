/** The client libraries that are installed, found without loading them. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ConnectionOptions, KafkaClient } from '../client.ts';

/** How client libraries are found and loaded; tests inject others. */
export interface Packages {
  /** The installed version of a package, `undefined` where there is none. */
  version(name: string): string | undefined;
  /** Loads a CommonJS module. */
  require(specifier: string): unknown;
  /** Loads what stands on `@platformatic/kafka`; rejects where that cannot be loaded. */
  platformatic(): Promise<{ createPlatformaticClient(options: ConnectionOptions): KafkaClient }>;
}

const load = createRequire(import.meta.url);

/** Those of this process. */
export const installedPackages: Packages = {
  version: installedVersion,
  require: (specifier) => load(specifier) as unknown,
  platformatic: () => import('./platformatic.ts'),
};

function installedVersion(name: string): string | undefined {
  let entry: string;
  try {
    entry = load.resolve(name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A package that is there, but not for `require`, has no place among these.
    if (code === 'MODULE_NOT_FOUND' || code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return undefined;
    throw error;
  }
  for (let folder = dirname(entry); folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, 'package.json');
    if (!existsSync(path)) continue;
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as { name?: string; version?: string };
    if (manifest.name === name) return manifest.version;
  }
  return undefined;
}
