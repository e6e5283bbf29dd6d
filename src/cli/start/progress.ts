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

/** Messages, MB/s, lag and memory of a pipeline, in words. */
export function describeStats(stats: RunStats): string {
  // Before the first answer nobody knows how many wait.
  const lag = stats.messagesIn > 0 ? `, lag ${stats.lag.toLocaleString('en')}` : '';
  return (
    `  ${stats.messagesIn.toLocaleString('en')} in, ` +
    `${stats.messagesOut.toLocaleString('en')} out, ` +
    `${rate(stats.bytesIn, stats)}${lag}, ${memory()}`
  );
}

/** The same of a run that fills a topic. */
export function describeFill(stats: RunStats): string {
  const written = stats.messagesOut.toLocaleString('en');
  return `  ${written} written, ${rate(stats.bytesOut, stats)}, ${memory()}`;
}

function rate(bytes: number, { elapsedMs }: RunStats): string {
  const seconds = Math.max(elapsedMs / 1000, 0.001);
  return `${(bytes / 1e6 / seconds).toFixed(0)} MB/s`;
}

function memory(): string {
  return `RSS ${(process.memoryUsage.rss() / MEBIBYTE).toFixed(0)} MiB`;
}
