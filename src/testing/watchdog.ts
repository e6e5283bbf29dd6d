/**
 * A process of its own that outlives its parent by a moment, to clean up behind it.
 *
 * Run as `node watchdog.ts [folder]`. Its standard input is a pipe that only the parent holds:
 *
 *     "+<pid>\n"   guard this process
 *     "-<pid>\n"   it ended, forget it
 *     end of file  the parent is gone, or wants the clean-up: kill what is guarded, remove folder
 *
 * A pipe is closed by the operating system however the parent ends, SIGKILL included, which no
 * `exit` handler inside the parent can match.
 */
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

/** How long killed processes may take to let go of the folder. */
const CLEAN_UP_MAX_MS = 10_000;
const POLL_MS = 20;

const folder = process.argv[2];
const guarded = new Set<number>();

/** Sends `signal` and says whether the process was there to take it. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const pid = Number(line.slice(1));
  if (!Number.isSafeInteger(pid) || pid <= 1) throw new Error(`not a process id: ${line}`);
  if (line.startsWith('+')) guarded.add(pid);
  else guarded.delete(pid);
}

for (const pid of guarded) signal(pid, 'SIGKILL');
const deadline = Date.now() + CLEAN_UP_MAX_MS;
// A killed process still has its files for a moment; where nobody reaps it, its id stays for ever.
while (Date.now() < deadline && [...guarded].some((pid) => signal(pid, 0))) await delay(POLL_MS);
if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
