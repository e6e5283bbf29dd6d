/** ISO 8601 text as a point in time, for a text beside a timestamp column. */

const MICROS_PER_SECOND = 1_000_000n;
const FORM =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(Z|[+-]\d\d:\d\d)?)?$/;

/**
 * Microseconds since the epoch, or undefined where `text` is none of: `2024-05-01`,
 * `2024-05-01T12:30`, with seconds, up to six decimals, and `Z` or an offset such as `+02:00`;
 * without one it is UTC.
 */
export function parseTimestamp(text: string): bigint | undefined {
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [, day, time = '00:00', second = '00', fraction = '', zone = 'Z'] = match;
  const epochMs = Date.parse(`${day}T${time}:${second}${zone}`);
  if (Number.isNaN(epochMs) || !isRealDay(day!)) return undefined;
  const micros = BigInt(fraction.padEnd(6, '0'));
  return BigInt(epochMs / 1000) * MICROS_PER_SECOND + micros;
}

// Date.parse takes the 30th of February for the 1st of March.
function isRealDay(day: string): boolean {
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}
