import { expect, test } from 'vitest';
import { describeFill, describeStats } from '../../../src/cli/start/progress.ts';
import type { RunStats } from '../../../src/run.ts';

const stats = (given: Partial<RunStats>) => ({ elapsedMs: 1_000, ...given }) as RunStats;

test('a lag is told as soon as it is known', () => {
  const before = stats({ messagesIn: 0, messagesOut: 0, bytesIn: 0, lag: 0 });
  expect(describeStats(before)).toMatch(/^ {2}0 in, 0 out, 0 MB\/s, RSS \d+ MiB$/);
  const after = stats({ messagesIn: 1_000, messagesOut: 400, bytesIn: 5e6, lag: 9_000 });
  expect(describeStats(after)).toMatch(/^ {2}1,000 in, 400 out, 5 MB\/s, lag 9,000, RSS/);
});

test('what fills a topic only writes', () => {
  const filled = stats({ messagesIn: 1_000, messagesOut: 1_000, bytesIn: 5e6, bytesOut: 3e6 });
  expect(describeFill(filled)).toMatch(/^ {2}1,000 written, 3 MB\/s, RSS \d+ MiB$/);
});
