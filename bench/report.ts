/** Figures for people: one table a case, with how many times faster the first engine is. */
import type { Measurement } from './suite.ts';

const COLUMNS = ['engine', 'msg/s', 'MB/s', 'CPU-s/M', 'ratio'];

/** The table of one case; the first engine is ours, a ratio says how far behind it a rival is. */
export function caseTable(measurements: readonly Measurement[]): string {
  const [first] = measurements;
  if (first === undefined) return '';
  const rows = measurements.map((measurement) => [
    measurement.engine,
    thousands(measurement.messagesPerSecond),
    ((measurement.messagesPerSecond * measurement.bytesPerMessage) / 1e6).toFixed(0),
    measurement.cpuSecondsPerMillion.toFixed(3),
    measurement === first
      ? ''
      : `${(first.messagesPerSecond / measurement.messagesPerSecond).toFixed(2)}x`,
  ]);
  const table = [COLUMNS, ...rows];
  const widths = COLUMNS.map((_, i) => Math.max(...table.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ');
  const { suite, case: name, messages, bytesPerMessage } = first;
  const title = `${suite} / ${name}: ${thousands(messages)} messages of ${bytesPerMessage} bytes`;
  const shared = sharedSettings(measurements);
  return [
    title,
    `  ${settingsText(first.settings, (setting) => shared.has(setting))}`,
    ...table.map((row) => `  ${line(row)}`),
    ...measurements.flatMap(({ engine, settings }) => {
      const own = settingsText(settings, (setting) => !shared.has(setting));
      return own === '' ? [] : [`  ${engine}: ${own}`];
    }),
    '',
  ].join('\n');
}

/** Names of the settings that all engines of a case have in common. */
function sharedSettings([first, ...others]: readonly Measurement[]): Set<string> {
  const entries = Object.entries(first!.settings);
  const same = ([name, value]: (typeof entries)[number]) =>
    others.every(({ settings }) => settings[name] === value);
  return new Set(entries.filter(same).map(([name]) => name));
}

function settingsText(
  settings: Measurement['settings'],
  wanted: (name: string) => boolean,
): string {
  const entries = Object.entries(settings).filter(([name]) => wanted(name));
  return entries.map(([name, value]) => `${name} ${value}`).join(', ');
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
