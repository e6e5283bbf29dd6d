import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Makes sure that child processes and a folder do not outlive this process, however it ends.
 *
 * The work is done by `watchdog.ts` in a process of its own, which holds one end of a pipe. Neither
 * it nor the guarded processes keep this process alive.
 */
export class Guard {
  readonly #watchdog: ChildProcess;
  readonly #children = new Set<ChildProcess>();

  /** The folder that goes with the processes, where there is one. */
  readonly folder: string | undefined;

  /** @param folder removed with everything in it by {@link release}, or when this process ends */
  constructor(folder?: string) {
    this.folder = folder;
    // Beside this file: a .ts in the sources, a .js in the package.
    const script = new URL(`./watchdog${extname(import.meta.url)}`, import.meta.url);
    const args = folder === undefined ? [] : [folder];
    this.#watchdog = spawn(process.execPath, [fileURLToPath(script), ...args], {
      stdio: ['pipe', 'ignore', 'inherit'],
      // Its own process group: Ctrl-C on the terminal must not end it before its work is done.
      detached: true,
      // NODE_OPTIONS and the coverage folder are meant for the program that is run, not for this.
      env: { PATH: process.env.PATH },
    });
    this.#watchdog.unref();
    unref(this.#watchdog.stdin);
    // A watchdog that was killed takes no lines; the children are then ended by `release` alone.
    this.#watchdog.stdin?.on('error', () => this.#watchdog.stdin?.destroy());
  }

  /**
   * Puts `child` under guard until it ends.
   *
   * Call it in the same tick as `spawn`, so that no moment is left in which it is unguarded.
   */
  add(child: ChildProcess): void {
    if (child.pid === undefined) return;
    this.#children.add(child);
    this.#watchdog.stdin?.write(`+${child.pid}\n`);
    child.once('exit', () => {
      this.#children.delete(child);
      if (this.#watchdog.stdin?.writable) this.#watchdog.stdin.write(`-${child.pid}\n`);
    });
  }

  /** Kills what is still running, removes the folder, and resolves when both are done. */
  async release(): Promise<void> {
    const ended = [...this.#children].map((child) => killed(child));
    await Promise.all(ended);
    if (this.#watchdog.exitCode !== null || this.#watchdog.signalCode !== null) return;
    const exit = once(this.#watchdog, 'exit');
    this.#watchdog.ref();
    this.#watchdog.stdin?.end();
    await exit;
  }
}

/** Kills `child` with SIGKILL and resolves when it is gone; at once where it is gone already. */
export async function killed(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.ref();
  child.kill('SIGKILL');
  await exit;
}

/** Lets the process end while a child's pipe is open; pipes of children are sockets. */
function unref(stream: object | null): void {
  if (stream !== null && 'unref' in stream && typeof stream.unref === 'function') stream.unref();
}
