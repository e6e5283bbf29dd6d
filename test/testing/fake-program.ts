import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Puts a program `name` into `folder` that prints `line` to stderr, as Java does, and ends. */
export async function fakeProgram(
  folder: string,
  name: string,
  line: string,
  status = 0,
): Promise<void> {
  const file = join(folder, name);
  await writeFile(file, `#!/bin/sh\necho '${line}' >&2\nexit ${status}\n`);
  await chmod(file, 0o755);
}
