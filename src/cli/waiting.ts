/** What a command says while its brokers do not answer. */
import { CONNECTION_DEFAULTS } from '../ingest/connection-options.ts';

const PATIENCE_MS = 2_000;

/**
 * Awaits `work`, and says after two seconds, once, whose answer it waits for.
 *
 * @param brokers as an option has them; absent: the default.
 * @param say default: a line on standard error.
 */
export async function waitingFor<T>(
  brokers: string | readonly string[] | undefined,
  work: Promise<T>,
  say: (line: string) => void = console.error,
): Promise<T> {
  const names = String(brokers ?? CONNECTION_DEFAULTS.brokers).replaceAll(',', ', ');
  const timer = setTimeout(() => say(`waiting for ${names} …`), PATIENCE_MS);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
