/** A kafkajs that copies each message, installed beside the one whose internals are known. */
import { createRequire, registerHooks } from 'node:module';
import { installedPackages, type Packages } from '../../src/ingest/clients/packages.ts';

/** What it is called among the dependencies. */
export const COPYING_KAFKAJS = 'kafkajs-2.1';

const load = createRequire(import.meta.url);

/** The packages of this process, with it in the place of kafkajs. */
export const copyingPackages: Packages = {
  ...installedPackages,
  version(name) {
    if (name !== 'kafkajs') return installedPackages.version(name);
    return (load(`${COPYING_KAFKAJS}/package.json`) as { version: string }).version;
  },
  require: (specifier) => load(specifier.replace(/^kafkajs\//, `${COPYING_KAFKAJS}/`)) as unknown,
};

/** Has this process load it wherever kafkajs is asked for; call it before anything is loaded. */
export function replaceKafkajs(): void {
  registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier.replace(/^kafkajs(?=\/|$)/, COPYING_KAFKAJS), context),
  });
}
