import { existsSync } from 'node:fs';
import { mkdtemp, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { MillraceError } from '../errors.ts';
import { freeLayout } from './free-ports.ts';
import { Guard } from './guard.ts';
import type { KafkaHome, OnProgress } from './kafka-home.ts';
import { KafkaNode } from './kafka-node.ts';

const START_MAX_MS = 60_000;
/** Java writes the archive when it ends. */
const END_MAX_MS = 60_000;

/**
 * The option that lets Java map a broker's classes instead of parsing them: half the time and the
 * CPU of a start. None where the archive cannot be made; everything works without it.
 *
 * The archive is made once per Java version, by a broker that runs for a moment. It records the
 * class path, so it is made when the jars have come to their place.
 */
export async function classArchiveOptions(
  home: KafkaHome,
  onProgress: OnProgress,
): Promise<string[]> {
  const version = home.java.version.replaceAll(/[^\w.+-]/g, '_');
  const archive = join(home.folder, `classes-${version}.jsa`);
  if (!existsSync(archive)) {
    onProgress(`preparing Apache Kafka ${home.version} for quick starts (once)…`);
    try {
      await makeArchive(home, archive);
    } catch (error) {
      onProgress(`it will start more slowly: ${MillraceError.from(error).message}`);
      return [];
    }
  }
  // An archive that does not fit is left aside by Java, in silence.
  return [`-XX:SharedArchiveFile=${archive}`, '-Xlog:cds=off', '-Xlog:class+path=off'];
}

async function makeArchive(home: KafkaHome, archive: string): Promise<void> {
  // In the cache folder, so that the rename cannot cross file systems.
  const folder = await mkdtemp(join(home.folder, 'archive-'));
  const guard = new Guard(folder);
  const unfinished = join(folder, basename(archive));
  try {
    const node = new KafkaNode({
      home,
      guard,
      layout: await freeLayout(folder, 1),
      index: 0,
      settings: {},
      javaOptions: ['-Xmx512m', `-XX:ArchiveClassesAtExit=${unfinished}`, '-Xlog:cds=off'],
      startMaxMs: START_MAX_MS,
    });
    await node.format();
    await node.start();
    await node.terminate(END_MAX_MS);
    await rename(unfinished, archive);
  } finally {
    await guard.release();
  }
}
