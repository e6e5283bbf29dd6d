/** Functions of dates, times, timestamps and durations; `lower-time.ts` has their `+` and `-`. */
import type { CallOptions } from '../expr/node.ts';
import type { FunctionDefinition } from './definition.ts';
import {
  lowerAddParts,
  lowerDiff,
  lowerExtract,
  lowerFormat,
  lowerParse,
  lowerTruncate,
} from './time-calls.ts';

/** DuckDB's names of parts, where they are others. */
const DUCK_PARTS: Readonly<Record<string, string>> = {
  dayOfWeek: 'dow',
  isoDayOfWeek: 'isodow',
  dayOfYear: 'doy',
  isoYear: 'isoyear',
};

function duckPart({ part }: CallOptions): string {
  return DUCK_PARTS[String(part)] ?? String(part);
}

const quoted = (text: unknown): string => `'${String(text).replaceAll("'", "''")}'`;

// DuckDB takes days, weeks and months as integers of 32 bits, seconds and milliseconds as doubles.
function duckInterval(count: string | undefined, part: string): string {
  const types: Readonly<Record<string, string>> = { hour: 'BIGINT', minute: 'BIGINT' };
  const isFine = part === 'second' || part === 'millisecond';
  const type = isFine ? 'DOUBLE' : part === 'microsecond' ? 'BIGINT' : (types[part] ?? 'INTEGER');
  return `to_${part}s(CAST(${count} AS ${type}))`;
}

const AT = { at: 'timestamp(ms)' } as const;
const PLACED = { placed: 'date', shipped: 'timestamp(ms,local)?' } as const;

/** Parts, spans and texts of times. */
export const TIME_FUNCTIONS: readonly FunctionDefinition[] = [
  {
    name: 'truncate',
    group: 'time',
    usage: 'time.truncate(part)',
    types: 'timestamp, time, duration -> the same; date -> timestamp(us,local)',
    summary:
      "The beginning of the part that a date or timestamp lies in: 'year', 'quarter', 'month', " +
      "'week' (from Monday), 'day', 'hour', 'minute', 'second', 'millisecond', 'microsecond'. A " +
      'timestamp keeps its unit and zone; instants are looked at in UTC. Of a time the whole ' +
      "parts from 'hour' on, of a duration those from 'week' on, cut towards 0.",
    examples: [
      {
        code: "col('at').truncate('hour')",
        schema: AT,
        row: { at: '2024-02-29T17:45:12.345Z' },
        gives: '"2024-02-29T17:00:00.000Z"',
      },
      {
        code: "col('placed').truncate('month').cast('date')",
        schema: PLACED,
        row: { placed: '2024-02-29', shipped: null },
        gives: '"2024-02-01"',
      },
      {
        code: "col('took').truncate('minute')",
        schema: { took: 'duration' },
        row: { took: '-PT1H30M40S' },
        gives: '"-PT1H30M"',
      },
    ],
    sql: ([time], options) => `date_trunc('${duckPart(options)}', ${time})`,
    lower: lowerTruncate,
  },
  {
    name: 'extract',
    group: 'time',
    usage: 'time.extract(part)',
    types: 'date, timestamp, time, duration -> int64; epoch: float64',
    summary:
      'A part of a date, timestamp, time or duration. Of dates and timestamps every part that ' +
      "`truncate` has, and 'dayOfWeek' (0 is Sunday), 'isoDayOfWeek' (7 is Sunday), 'dayOfYear', " +
      "'isoYear' ('week' is that of ISO 8601, too), and 'epoch', seconds since 1970 as float64. " +
      "'millisecond' and 'microsecond' count within the minute. Years before 1 are 0, -1, …. Of " +
      "a time 'hour' and below, and 'epoch'; of a duration also 'day', with a remainder of less " +
      'than 24 hours, each cut towards 0.',
    examples: [
      {
        code: "col('at').extract('hour')",
        schema: AT,
        row: { at: '2024-02-29T17:45:12.345Z' },
        gives: '17',
      },
      {
        code: "col('at').extract('week')",
        schema: AT,
        row: { at: '2024-12-30T00:00:00Z' },
        gives: '1',
      },
      {
        code: "col('took').extract('epoch')",
        schema: { took: 'duration' },
        row: { took: 'PT1M30.5S' },
        gives: '90.5',
      },
    ],
    sql: ([time], options) => `extract(${duckPart(options)} FROM ${time})`,
    lower: lowerExtract,
  },
  {
    name: 'diff',
    group: 'time',
    usage: 'end.diff(start, part)',
    types: '(date or timestamp, date or timestamp) -> int64, (time, time) -> int64',
    summary:
      'How many beginnings of `part` lie behind `start`, up to `end`; negative where `start` is ' +
      "later. From 23:59 to 00:01 it is a day. A 'week' is seven beginnings of days, wherever " +
      'they lie. For the time between two timestamps subtract them.',
    examples: [
      {
        code: "col('shipped').diff(col('placed'), 'day')",
        schema: PLACED,
        row: { placed: '2024-02-28', shipped: '2024-03-01T08:00:00' },
        gives: '2',
      },
    ],
    sql: ([end, start], options) => `date_diff('${duckPart(options)}', ${start}, ${end})`,
    lower: lowerDiff,
  },
  ...(['add', 'sub'] as const).map((name): FunctionDefinition => {
    const symbol = name === 'add' ? '+' : '-';
    return {
      name,
      group: 'time',
      usage: `time.${name}(count, part)`,
      types:
        '(date, timestamp, time or duration; integer) -> the same; of dates timestamp(us,local)',
      summary:
        `As many parts ${name === 'add' ? 'later' : 'earlier'}, by the calendar: a day that ` +
        'a month does not have becomes its last. Timestamps have microseconds at least; a time ' +
        'goes round within its day. What leaves the range of the type fails the row.',
      examples: [
        {
          code: `col('shipped').${name}(1, 'month')`,
          schema: PLACED,
          row: { placed: '2024-01-01', shipped: '2024-03-31T08:00:00' },
          gives: name === 'add' ? '"2024-04-30T08:00:00.000"' : '"2024-02-29T08:00:00.000"',
        },
      ],
      sql: ([time, count], { part }) => `(${time} ${symbol} ${duckInterval(count, String(part))})`,
      lower: lowerAddParts,
    };
  }),
  {
    name: 'format',
    group: 'time',
    usage: 'time.format(pattern)',
    types: 'date, timestamp, time -> utf8',
    summary:
      "By strftime's letters: %Y year, %y its last two digits, %m month, %d day, %j day of the " +
      'year, %H hour, %I hour of twelve, %p AM or PM, %M minute, %S second, %g milliseconds, %f ' +
      'microseconds, %n nanoseconds, %b %B month, %a %A weekday (English, short and long), %w ' +
      'weekday (0 is Sunday), %u weekday (7 is Sunday), %U %W week of the year from Sunday or ' +
      'Monday, %G %V year and week of ISO 8601, %z offset, %Z zone (UTC, or nothing), %c %x %X ' +
      'as ISO 8601, %% itself. %-d and the like have no leading zeros. Instants are looked at in ' +
      'UTC.',
    examples: [
      {
        code: "col('at').format('%a %-d %b %Y, %I:%M %p')",
        schema: AT,
        row: { at: '2024-02-09T17:45:00Z' },
        gives: '"Fri 9 Feb 2024, 05:45 PM"',
      },
    ],
    sql: ([time], { format }) => `strftime(${time}, ${quoted(format)})`,
    lower: lowerFormat,
  },
  ...(['parseTime', 'tryParseTime'] as const).map(
    (name): FunctionDefinition => ({
      name,
      group: 'time',
      usage: `text.${name}(pattern)`,
      types: 'utf8 -> timestamp(us,local); with %z timestamp(us), with %n in nanoseconds',
      summary:
        "A text as a timestamp by strptime's letters, those of `format` but %Z. Numbers may have " +
        'fewer digits, names any case, spaces match runs of spaces; what is not said is that of ' +
        "1900-01-01. %y is 1969 to 2068. %z is '+HH', '+HH:MM' or 'Z'. What does not fit " +
        (name === 'parseTime' ? 'fails the row.' : 'is null.'),
      examples: [
        {
          code: `col('text').${name}('%d/%b/%Y:%H:%M:%S %z')`,
          schema: { text: 'utf8' },
          row: { text: '09/Feb/2024:17:45:00 +0100' },
          gives: '"2024-02-09T16:45:00.000Z"',
        },
        ...(name === 'parseTime'
          ? []
          : [
              {
                code: "col('text').tryParseTime('%Y-%m-%d')",
                schema: { text: 'utf8' },
                row: { text: '2024-02-30' },
                gives: 'null',
              },
            ]),
      ],
      sql: ([text], { format }) =>
        `${name === 'parseTime' ? 'strptime' : 'try_strptime'}(${text}, ${quoted(format)})`,
      lower: lowerParse,
    }),
  ),
];
