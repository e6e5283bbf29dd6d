/** Dates and times. */
import { duration } from '../../src/operators/expr/duration.ts';
import { col } from '../../src/operators/expr.ts';
import { made, type OperatorCase } from './case.ts';

const HOUR = duration({ hours: 1 });
const DAYS = duration({ days: 5 });

/** Cases of dates and times. */
export const TIME_CASES: readonly OperatorCase[] = [
  made('time', 'timestamp truncate to hour', col('at').truncate('hour'), {
    plain: 'd.at - d.at % 3600000',
    sql: "date_trunc('hour', t.at)",
  }),
  made('time', 'timestamp truncate to month', col('at').truncate('month'), {
    plain: 'startOfMonth(d.at)',
    arquero: null,
    sql: "date_trunc('month', t.at)",
  }),
  made('number', 'timestamp extract hour', col('at').extract('hour'), {
    plain: 'Math.floor(d.at / 3600000) % 24',
    arquero: 'floor(d.at / 3600000) % 24',
    sql: "extract('hour' FROM t.at)",
  }),
  made('number', 'timestamp extract month', col('at').extract('month'), {
    plain: 'new Date(d.at).getUTCMonth() + 1',
    arquero: 'utcmonth(d.at) + 1',
    sql: "extract('month' FROM t.at)",
  }),
  made('time', 'timestamp add a duration', col('at').add(HOUR), {
    plain: 'd.at + 3600000',
    sql: 't.at + INTERVAL 1 HOUR',
  }),
  made('number', 'timestamp diff in hours', col('due').diff(col('at'), 'hour'), {
    plain: 'Math.floor(d.due / 3600000) - Math.floor(d.at / 3600000)',
    arquero: 'floor(d.due / 3600000) - floor(d.at / 3600000)',
    sql: "date_diff('hour', t.at, due)",
  }),
  made('text', 'timestamp format', col('at').format('%Y-%m-%d'), {
    plain: 'new Date(d.at).toISOString().slice(0, 10)',
    arquero: null,
    sql: "strftime(t.at, '%Y-%m-%d')",
  }),
  made('time', 'timestamp add a month', col('at').add(1, 'month'), {
    plain: 'addMonths(d.at, 1)',
    arquero: null,
    sql: 't.at + INTERVAL 1 MONTH',
  }),
  made('time', 'timestamp sub days of a column', col('at').sub(col('w'), 'day'), {
    plain: 'd.at - d.w * 86400000',
    sql: 't.at - to_days(w)',
  }),
  made('time', 'utf8 parseTime', col('moment').parseTime('%Y-%m-%dT%H:%M:%S.%gZ'), {
    plain: 'Date.parse(d.moment)',
    arquero: 'parse_date(d.moment)',
    sql: "strptime(moment, '%Y-%m-%dT%H:%M:%S.%gZ')",
  }),
  made('time', 'utf8 tryParseTime', col('moment').tryParseTime('%Y-%m-%dT%H:%M:%S.%gZ'), {
    plain: 'Date.parse(d.moment)',
    arquero: 'parse_date(d.moment)',
    sql: "try_strptime(moment, '%Y-%m-%dT%H:%M:%S.%gZ')",
  }),
  made('time', 'int32 fromEpoch in seconds', col('k').fromEpoch('s'), {
    plain: 'd.k * 1000',
    sql: 'to_timestamp(k)',
  }),
  made('number', 'timestamp toEpoch in milliseconds', col('at').toEpoch('ms'), {
    plain: 'd.at',
    sql: 'epoch_ms(t.at)',
  }),
  made('time', 'date add days of a column', col('day').add(col('w')), {
    plain: '(d.day + d.w) * 86400000',
    sql: 'day + w',
  }),
  made('number', 'date sub a date', col('day').sub('2026-01-01'), {
    plain: 'd.day - 20454',
    sql: "day - DATE '2026-01-01'",
  }),
  made('bool', 'time add a duration, compared', col('clock').add(HOUR).lt('12:00:00'), {
    plain: '(d.clock + 3600000) % 86400000 < 43200000',
    sql: "clock + INTERVAL 1 HOUR < TIME '12:00:00'",
  }),
  made('bool', 'timestamp sub, compared', col('due').sub(col('at')).lt(DAYS), {
    plain: 'd.due - d.at < 432000000',
    sql: "due - t.at < INTERVAL '120 hours'",
  }),
  made('bool', 'duration mul by an integer, compared', col('took').mul(2).lt(DAYS), {
    plain: 'd.took * 2 < 432000000',
    sql: "took * 2 < INTERVAL '120 hours'",
  }),
  made('bool', 'duration mul by a fraction, compared', col('took').mul(0.7).lt(DAYS), {
    plain: 'd.took * 0.7 < 432000000',
    sql: "took * 0.7::DOUBLE < INTERVAL '120 hours'",
  }),
  made('bool', 'duration div, compared', col('took').div(1.5).lt(DAYS), {
    plain: 'd.took / 1.5 < 432000000',
    sql: "took / 1.5::DOUBLE < INTERVAL '120 hours'",
  }),
];
