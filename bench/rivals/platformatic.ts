/** The tasks with @platformatic/kafka's own consumer and producer, message by message. */
import { Consumer, type Message, Producer, stringSerializers } from '@platformatic/kafka';
import type { Engine, EngineContext, EngineJob, EngineRun } from '../broker/engine-job.ts';
import {
  type Outgoing,
  poolRows,
  rowBatches,
  runOrder,
  toMessage,
  uniqueGroup,
} from './order-job.ts';
import { RowSink } from './row-sink.ts';

const PARTITIONS = 4;
const MAX_SENDS_IN_FLIGHT = 4;

/** `@platformatic/kafka`. */
export const engine: Engine = { ingest, produce, mainJob };

type StringProducer = Producer<string, string, string, string>;

interface MessageStream {
  pause(): unknown;
  resume(): unknown;
}

function connect({ brokers }: EngineJob): StringProducer {
  return new Producer({
    clientId: 'bench',
    bootstrapBrokers: [...brokers],
    serializers: stringSerializers,
  });
}

async function ingest(job: EngineJob): Promise<EngineRun> {
  const sink = new RowSink(job);
  const reader = new Reader(job);
  await reader.read(({ value }) => sink.take(value));
  await reader.close();
  const digest = sink.end();
  const run = { messagesIn: sink.messages, messagesOut: 0 };
  return digest === undefined ? run : { ...run, digest };
}

/** Messages that were gathered, and the offsets to commit once they are acknowledged. */
class Gathered {
  readonly outgoing: Outgoing[] = [];
  readonly offsets = new Map<number, bigint>();
  read = 0;
}

async function mainJob(job: EngineJob): Promise<EngineRun> {
  const reader = new Reader(job);
  const producer = connect(job);
  let messagesOut = 0;
  let gathered = new Gathered();
  const send = async ({ outgoing, offsets }: Gathered) => {
    const messages = outgoing.map(({ key, value }) => ({ topic: job.output, key, value }));
    if (messages.length > 0) await producer.send({ messages, acks: job.acks });
    messagesOut += messages.length;
    await reader.commit(offsets);
  };
  // One batch is on its way while the next is gathered; the stream waits when that is full, too.
  let inFlight = 0;
  let sent = Promise.resolve();
  const messagesIn = await reader.read(({ value, partition, offset }, stream) => {
    const result = runOrder(value.toString(), job.filter);
    if (result !== undefined) gathered.outgoing.push(result);
    gathered.offsets.set(partition, offset + 1n);
    gathered.read += 1;
    if (gathered.read < job.batch.rows) return undefined;
    const full = gathered;
    gathered = new Gathered();
    inFlight += 1;
    if (inFlight > 1) stream.pause();
    sent = sent
      .then(() => send(full))
      .then(() => {
        inFlight -= 1;
        stream.resume();
      });
    return sent;
  });
  await sent;
  if (gathered.read > 0) await send(gathered);
  await Promise.all([reader.close(), producer.close()]);
  return { messagesIn, messagesOut };
}

async function produce(job: EngineJob, context: EngineContext): Promise<EngineRun> {
  const rows = poolRows(job.messages);
  context.begin();
  const producer = connect(job);
  const batches = rowBatches(rows, job.messages, job.batch.rows);
  const sender = async () => {
    for (const batch of batches) {
      const messages = batch.map((row) => ({ topic: job.output, ...toMessage(row) }));
      await producer.send({ acks: job.acks, messages });
    }
  };
  await Promise.all(Array.from({ length: MAX_SENDS_IN_FLIGHT }, sender));
  await producer.close();
  return { messagesIn: job.messages, messagesOut: job.messages };
}

/** Reads the whole input topic of a job, in a group. */
class Reader {
  readonly #job: EngineJob;
  readonly #consumer: Consumer<Buffer, Buffer, Buffer, Buffer>;

  constructor(job: EngineJob) {
    this.#job = job;
    this.#consumer = new Consumer({
      clientId: 'bench',
      groupId: uniqueGroup(job),
      bootstrapBrokers: [...job.brokers],
    });
  }

  /** Calls `take` with each message, and returns their number; promises may only reject. */
  async read(
    take: (message: Message, stream: MessageStream) => Promise<void> | undefined | void,
  ): Promise<number> {
    const { input, messages, batch } = this.#job;
    const stream = await this.#consumer.consume({
      topics: [input],
      mode: 'earliest',
      autocommit: false,
      maxWaitTime: 100,
      maxBytes: batch.partitionBytes * PARTITIONS,
      maxBytesPerPartition: batch.partitionBytes,
      highWaterMark: batch.rows,
    });
    let read = 0;
    await new Promise<void>((resolve, reject) => {
      stream.on('error', reject);
      stream.on('data', (message) => {
        take(message, stream)?.catch(reject);
        read += 1;
        if (read >= messages) resolve();
      });
    });
    await stream.close();
    return read;
  }

  async commit(offsets: ReadonlyMap<number, bigint>): Promise<void> {
    const topic = this.#job.input;
    await this.#consumer.commit({
      offsets: Array.from(offsets, ([partition, offset]) => ({
        topic,
        partition,
        offset,
        leaderEpoch: 0,
      })),
    });
  }

  close(): Promise<void> {
    return this.#consumer.close(true);
  }
}
