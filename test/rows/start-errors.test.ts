import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ErrorCode, MillraceError } from '../../src/errors.ts';
import { TokenError } from '../../src/ingest/clients/bearer-token.ts';
import { KafkaSink } from '../../src/rows/kafka-sink.ts';
import { KafkaSource } from '../../src/rows/kafka-source.ts';
import { isFinalStart } from '../../src/rows/start-errors.ts';
import { Stream } from '../../src/stream.ts';
import { FakeTopic } from './fake-topic.ts';

afterEach(() => vi.restoreAllMocks());

const FINAL: readonly ErrorCode[] = ['AUTHENTICATION_FAILED', 'TLS_FAILED', 'UNKNOWN_HOST'];
const PASSING: readonly ErrorCode[] = ['BROKER_UNREACHABLE', 'UNKNOWN_TOPIC'];

function problemOf(code: ErrorCode): MillraceError {
  return new MillraceError('that went wrong', { code });
}

describe('a sink', () => {
  async function attempts(code: ErrorCode): Promise<[clients: number, errors: unknown[]]> {
    const topic = new FakeTopic(1);
    topic.problem = problemOf(code);
    const sink = new KafkaSink({ topic: 'orders' }, { client: topic.client });
    const errors: unknown[] = [];
    for (let i = 0; i < 3; i++) errors.push(await sink.send({ i }).catch((e: unknown) => e));
    errors.push(await sink.sendBatch([1]).catch((e: unknown) => e));
    errors.push(await sink.start().catch((e: unknown) => e));
    await sink.close();
    expect(topic.closed).toBe(topic.made);
    expect(new Set(errors)).toEqual(new Set([topic.problem]));
    return [topic.made, errors];
  }

  it.each(FINAL)('connects once where that ends in %s', async (code) => {
    expect((await attempts(code))[0]).toBe(1);
  });

  it.each(PASSING)('connects anew where that ended in %s', async (code) => {
    expect((await attempts(code))[0]).toBe(5);
  });

  it("connects anew where the owner's function gave no token", async () => {
    const cause = new TokenError('sasl.token failed: 503');
    const problem = new MillraceError('no token', { code: 'AUTHENTICATION_FAILED', cause });
    const wrapped = new MillraceError('it', { code: 'AUTHENTICATION_FAILED', cause: problem });
    expect([problem, wrapped].map(isFinalStart)).toEqual([false, false]);
    expect(isFinalStart(problemOf('AUTHENTICATION_FAILED'))).toBe(true);
  });
});

describe('a source', () => {
  async function attempts(code: ErrorCode): Promise<number> {
    let runs = 0;
    const problem = problemOf(code);
    const run = async () => {
      runs += 1;
      throw problem;
    };
    const runnable = { run } as unknown as ReturnType<Stream['forEach']>;
    vi.spyOn(Stream.prototype, 'forEach').mockReturnValue(runnable);
    const source = new KafkaSource({ topic: 'orders' });
    for (let i = 0; i < 3; i++) await expect(source.poll()).rejects.toBe(problem);
    await expect(source.start()).rejects.toBe(problem);
    await source.stop();
    return runs;
  }

  it.each(FINAL)('connects once where that ends in %s', async (code) => {
    expect(await attempts(code)).toBe(1);
  });

  it.each(PASSING)('connects anew where that ended in %s', async (code) => {
    expect(await attempts(code)).toBe(4);
  });
});

it("a sink's figures say why its library copies messages", async () => {
  const topic = new FakeTopic(1);
  topic.copying = 'kafkajs 3 is not known';
  await using sink = new KafkaSink({ topic: 'orders' }, { client: topic.client });
  await sink.start();
  const client = { name: 'fake', version: '1.2.3', copying: 'kafkajs 3 is not known' };
  expect(sink.stats().client).toEqual(client);
});
