import { describe, expect, test } from 'vitest';
import type { MillraceError } from '../../../../src/errors.ts';
import { Heartbeat } from '../../../../src/ingest/clients/group/heartbeat.ts';
import { kafkaError } from '../../../../src/ingest/clients/kafka-errors.ts';

/** A heartbeat that is answered with `answers` in turn, the last one for ever. */
function beat(answers: readonly (string | undefined)[], sessionTimeoutMs = 60_000, intervalMs = 1) {
  let sent = 0;
  const reached = new Map<number, () => void>();
  const send = async () => {
    const answer = answers[Math.min(sent, answers.length - 1)];
    sent++;
    reached.get(sent)?.();
    if (answer !== undefined) throw kafkaError(answer, 'Beating') as MillraceError;
  };
  const heartbeat = new Heartbeat({ intervalMs: () => intervalMs, sessionTimeoutMs, send });
  const untilSent = (count: number) =>
    new Promise<void>((resolve) => {
      if (sent >= count) resolve();
      else reached.set(count, resolve);
    });
  return { heartbeat, untilSent, count: () => sent };
}

describe('Heartbeat', () => {
  test('beats on after a rebalance was announced', async () => {
    const { heartbeat, untilSent } = beat([undefined, 'REBALANCE_IN_PROGRESS']);
    heartbeat.start();
    await heartbeat.rebalance;
    await untilSent(6);
    expect(heartbeat.isLost).toBe(false);
    await heartbeat.stop();
  });

  test.each(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID'])(
    'is lost on %s, and ends',
    async (name) => {
      const { heartbeat, count } = beat([undefined, name]);
      heartbeat.start();
      await heartbeat.lost;
      expect(heartbeat.isLost).toBe(true);
      await heartbeat.stop();
      expect(count()).toBe(2);
    },
  );

  test('bears with a coordinator that moves', async () => {
    const { heartbeat, untilSent } = beat(['NOT_COORDINATOR', 'NOT_COORDINATOR', undefined]);
    heartbeat.start();
    await untilSent(5);
    expect(heartbeat.isLost).toBe(false);
    await heartbeat.stop();
  });

  test('is lost when nothing was answered for the session time-out', async () => {
    const { heartbeat } = beat(['COORDINATOR_NOT_AVAILABLE'], 20);
    heartbeat.start();
    await heartbeat.lost;
    expect(heartbeat.isLost).toBe(true);
  });

  test('beats at once where it is asked to, and tells when that was answered', async () => {
    const { heartbeat, count } = beat([undefined], 60_000, 60_000);
    heartbeat.start();
    await Promise.all([heartbeat.beatNow(), heartbeat.beatNow()]);
    expect(count()).toBe(1);
    await heartbeat.beatNow();
    expect(count()).toBe(2);
    await heartbeat.stop();
    await heartbeat.beatNow();
    expect(count()).toBe(2);
  });

  test('whoever waits for a beat hears of the end, too', async () => {
    const { heartbeat } = beat(['FENCED_MEMBER_EPOCH'], 60_000, 60_000);
    heartbeat.start();
    await heartbeat.beatNow();
    expect(heartbeat.lostBy).toBe('FENCED_MEMBER_EPOCH');
    await heartbeat.stop();
  });
});
