/** The worker thread's entry: builds the engine once, then runs one morsel a call. */
import { workerData } from 'node:worker_threads';
import { Piscina, transferableSymbol, valueSymbol } from 'piscina';
import { MillraceError } from '../errors.ts';
import { Beacon } from './beacon.ts';
import { MorselEngine } from './engine.ts';
import { type EngineSpec, type MorselResult, type MorselTask, stepsOfSpec } from './morsel.ts';
import { ThreadInline } from './thread-inline.ts';
import { ThreadUdfs } from './thread-udfs.ts';

/** What the scheduler gives to a worker thread. */
export interface WorkerData {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly spec: EngineSpec;
  /** Memory of the thread's beacon. */
  readonly beacon: SharedArrayBuffer;
}

/** A morsel, or nothing to do but to be ready; with the number that the beacon says. */
export type WorkerTask = { readonly number: number } & (
  | { readonly kind: 'morsel'; readonly morsel: MorselTask }
  | { readonly kind: 'prepare' }
);

/** What a thread answers to `prepare`. */
export type Prepared = { readonly kind: 'ready' } | Extract<MorselResult, { kind: 'failed' }>;

const READY: Prepared = { kind: 'ready' };

const data = workerData as WorkerData;
const beacon = new Beacon(data.beacon);
const inline = new ThreadInline();
let engine: MorselEngine | undefined;
let building: Promise<MorselEngine> | undefined;

/** Runs one morsel; buffers of batches are moved, not copied. Piscina wants a default export. */
export default function run(task: WorkerTask): unknown {
  if (engine !== undefined) return answer(engine, task);
  beacon.task(task.number);
  building ??= build();
  return building.then((built) => answer(built, task), failed);
}

function failed(error: unknown): MorselResult {
  beacon.task(0);
  return { kind: 'failed', error: MillraceError.from(error).toPlain() };
}

async function build(): Promise<MorselEngine> {
  const { module, memory, spec } = data;
  const udfs = await ThreadUdfs.load({ steps: stepsOfSpec(spec) }, beacon);
  engine = new MorselEngine(module, memory, spec, { udfs, inline });
  return engine;
}

function answer(built: MorselEngine, task: WorkerTask): unknown {
  beacon.task(task.number);
  inline.task = task.number;
  const result = task.kind === 'morsel' ? built.run(task.morsel) : READY;
  beacon.task(0);
  if (result.kind !== 'done') return result;
  const buffers = result.sunk.flatMap(({ batch }) => batch?.buffer ?? []);
  if (buffers.length === 0) return result;
  return Piscina.move({ [transferableSymbol]: buffers, [valueSymbol]: result });
}
