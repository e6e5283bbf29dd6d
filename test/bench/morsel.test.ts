import { expect, test } from 'vitest';
import { suite } from '../../bench/morsel.ts';
import type { Measurement } from '../../bench/suite.ts';

test('the suite morsel runs in its small size', { timeout: 120_000 }, async () => {
  const measurements: Measurement[] = [];
  await suite.run({ small: true, report: (measurement) => measurements.push(measurement) });
  const cases = new Set(measurements.map((measurement) => measurement.case));
  expect(cases.size).toBe(measurements.length);
  expect(cases).toContain('even, 1 in 4 kept, 4096 rows a morsel, workers 2');
  expect(cases).toContain('cost of a dispatch, 16 rows a morsel');
  for (const { engine, messages, messagesPerSecond, resultHash, settings } of measurements) {
    expect(engine).toBe('millrace');
    expect(messages).toBeGreaterThan(0);
    expect(messagesPerSecond).toBeGreaterThan(0);
    expect(Number(resultHash)).toBeGreaterThan(0);
    expect(settings.morsels).toBeGreaterThan(0);
  }
  const [large, tiny] = measurements.slice(-2);
  expect(large?.settings.morsels).toBeLessThan(tiny?.settings.morsels as number);
});
