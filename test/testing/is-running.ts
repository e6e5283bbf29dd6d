import { readFileSync } from 'node:fs';

/** Whether a process runs; one that ended and waits to be reaped does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // It was reaped since: the file was gone before it was opened, or between that and reading.
    if (process.platform === 'linux' && (code === 'ENOENT' || code === 'ESRCH')) return false;
    if (process.platform !== 'linux') return true;
    throw error;
  }
}
