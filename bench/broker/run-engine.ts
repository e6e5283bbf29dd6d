/** Runs an engine in a process of its own. */
import { type ChildProcess, fork } from 'node:child_process';
import type {
  EngineCommand,
  EngineJob,
  EngineMessage,
  EngineOutcome,
  EngineProgress,
} from './engine-job.ts';

/** How a run is looked after. */
export interface RunEngineOptions {
  /** Called about every quarter of a second, by jobs that go on forever. */
  onProgress?(progress: EngineProgress): void;
  /** The run is killed after so long, and fails, ms. Default 170,000. */
  readonly maxMs?: number;
  /** Further options of the engine's Node, such as `--cpu-prof`. */
  readonly execArgv?: readonly string[];
}

/** A run that is under way. */
export interface EngineHandle {
  /** Rejects where the engine fails, its process ends early, or it takes too long. */
  readonly outcome: Promise<EngineOutcome>;
  /** Tells a job that goes on forever to end; `outcome` then settles. */
  stop(): void;
}

const MAX_MS = 170_000;

/** Starts a run. */
export function startEngine(job: EngineJob, options: RunEngineOptions = {}): EngineHandle {
  const { maxMs = MAX_MS, execArgv = profiling() } = options;
  const child = fork(new URL('./engine-process.ts', import.meta.url), {
    execArgv: [...execArgv],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const send = (command: EngineCommand) => void child.send(command);
  send({ kind: 'run', job });
  const outcome = settle(child, job, options, maxMs);
  return { outcome, stop: () => send({ kind: 'stop' }) };
}

/** Runs a job to its end. */
export function runEngine(job: EngineJob, options: RunEngineOptions = {}): Promise<EngineOutcome> {
  return startEngine(job, options).outcome;
}

// MILLRACE_BENCH_NODE_OPTIONS is for profiling: NODE_OPTIONS would reach this process, too.
function profiling(): readonly string[] {
  const options = (process.env.MILLRACE_BENCH_NODE_OPTIONS ?? '').split(' ');
  // kafkajs sets timers to times in the past, which does no harm and fills the output.
  return ['--disable-warning=TimeoutNegativeWarning', ...options.filter((o) => o !== '')];
}

async function settle(
  child: ChildProcess,
  job: EngineJob,
  options: RunEngineOptions,
  maxMs: number,
): Promise<EngineOutcome> {
  const name = `${job.engine} ${job.task}`;
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<EngineOutcome>((resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`${name} took longer than ${maxMs} ms and was ended`)),
        maxMs,
      );
      child.on('message', (message: EngineMessage) => {
        if (message.kind === 'done') resolve(message.outcome);
        else if (message.kind === 'failed') reject(new Error(`${name}: ${message.error}`));
        else options.onProgress?.(message.progress);
      });
      child.on('error', reject);
      child.on('exit', (code, signal) => {
        reject(new Error(`the process of ${name} ended early: ${signal ?? `code ${code}`}`));
      });
    });
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
