/** What the main job says while it works: one line that changes on a terminal, plain lines else. */
import type { RunStats } from '../../run.ts';

const MEBIBYTE = 1024 * 1024;
const PLAIN_INTERVAL_MS = 2_000;

/** Writes lines for people to standard error, so that standard output stays for results. */
export class Progress {
  readonly #terminal = process.stderr.isTTY === true;
  #open = false;
  #lastPlainMs = Number.NEGATIVE_INFINITY;

  /** A line that stays. */
  say(text: string): void {
    if (this.#open) process.stderr.write('\n');
    this.#open = false;
    process.stderr.write(`${text}\n`);
  }

  /** A line that the next one replaces; elsewhere than on a terminal, one every two seconds. */
  update(text: string): void {
    if (this.#terminal) {
      process.stderr.write(`\r\x1b[K${text}`);
      this.#open = true;
      return;
    }
    const now = performance.now();
    if (now - this.#lastPlainMs < PLAIN_INTERVAL_MS) return;
    this.#lastPlainMs = now;
    process.stderr.write(`${text}\n`);
  }
}

/** Messages, MB/s, lag and memory of a run, in words. */
export function describeStats(stats: RunStats, readsTopic = true): string {
  const seconds = Math.max(stats.elapsedMs / 1000, 0.001);
  const megabytes = stats.bytesIn / 1e6 / seconds;
  const lag = readsTopic ? `, lag ${stats.lag.toLocaleString('en')}` : '';
  const rss = process.memoryUsage.rss() / MEBIBYTE;
  return (
    `  ${stats.messagesIn.toLocaleString('en')} in, ` +
    `${stats.messagesOut.toLocaleString('en')} out, ` +
    `${megabytes.toFixed(0)} MB/s${lag}, RSS ${rss.toFixed(0)} MiB`
  );
}
