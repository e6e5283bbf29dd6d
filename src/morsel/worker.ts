/** The worker thread's entry: builds the engine once, then runs one morsel a call. */
import { workerData } from 'node:worker_threads';
import { Piscina, transferableSymbol, valueSymbol } from 'piscina';
import { MillraceError } from '../errors.ts';
import { MorselEngine } from './engine.ts';
import type { EngineSpec, MorselResult, MorselTask } from './morsel.ts';

/** What the scheduler gives to a worker thread. */
export interface WorkerData {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly spec: EngineSpec;
}

let engine: MorselEngine | undefined;

/** Runs one morsel; the buffer of a batch is moved, not copied. Piscina wants a default export. */
export default function run(task: MorselTask): unknown {
  const result = runMorsel(task);
  const buffer = result.kind === 'done' ? result.batch?.buffer : undefined;
  if (!(buffer instanceof ArrayBuffer)) return result;
  return Piscina.move({ [transferableSymbol]: buffer, [valueSymbol]: result });
}

function runMorsel(task: MorselTask): MorselResult {
  try {
    if (engine === undefined) {
      const { module, memory, spec } = workerData as WorkerData;
      engine = new MorselEngine(module, memory, spec);
    }
  } catch (error) {
    return { kind: 'failed', error: MillraceError.from(error).toPlain() };
  }
  return engine.run(task);
}
