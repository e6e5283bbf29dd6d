/** The process of one run of one engine: so that CPU time and memory are that engine's alone. */
import { replaceKafkajs } from './copying-kafkajs.ts';
import type {
  Engine,
  EngineCommand,
  EngineContext,
  EngineJob,
  EngineMessage,
  EngineName,
  EngineRun,
} from './engine-job.ts';

const ENGINE_FILES: Readonly<Record<EngineName, string>> = {
  millrace: './millrace.ts',
  kafkajs: '../rivals/kafkajs.ts',
  platformatic: '../rivals/platformatic.ts',
};

const stopping = new AbortController();

process.on('message', (command: EngineCommand) => {
  if (command.kind === 'stop') stopping.abort();
  else void answer(command.job);
});
// Whoever started this is gone: nobody wants the result.
process.on('disconnect', () => process.exit(1));

async function answer(job: EngineJob): Promise<void> {
  const message = await measured(job).catch(
    (error: unknown): EngineMessage => ({
      kind: 'failed',
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }),
  );
  process.send!(message, () => process.exit(0));
}

async function measured(job: EngineJob): Promise<EngineMessage> {
  if (job.copies) replaceKafkajs();
  const { engine } = (await import(ENGINE_FILES[job.engine])) as { engine: Engine };
  let cpu = process.cpuUsage();
  let start = performance.now();
  const context: EngineContext = {
    begin() {
      cpu = process.cpuUsage();
      start = performance.now();
    },
    signal: stopping.signal,
    onProgress: (progress) => void process.send!({ kind: 'progress', progress }),
  };
  const run = await perform(engine, job, context);
  const seconds = (performance.now() - start) / 1e3;
  const { user, system } = process.cpuUsage(cpu);
  const rssPeakMiB = Math.round(process.resourceUsage().maxRSS / 1024);
  return {
    kind: 'done',
    outcome: { ...run, seconds, cpuSeconds: (user + system) / 1e6, rssPeakMiB },
  };
}

function perform(engine: Engine, job: EngineJob, context: EngineContext): Promise<EngineRun> {
  if (job.task === 'ingest') return engine.ingest(job, context);
  if (job.task === 'produce') return engine.produce(job, context);
  return engine.mainJob(job, context);
}
