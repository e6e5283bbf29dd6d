/** One spelling for names that are written with dots, underscores, dashes, humps or capitals. */

/**
 * `max.poll.records` for `max_poll_records`, `MAX_POLL_RECORDS`, `max-poll-records` and
 * `maxPollRecords`.
 */
export function canonicalName(name: string): string {
  return name
    .trim()
    .replaceAll(/([a-z\d])([A-Z])/g, '$1.$2')
    .toLowerCase()
    .replaceAll(/[_-]/g, '.');
}

/** The variable of a canonical name: `KAFKA_GROUP_ID` for `group.id`. */
export function variableName(prefix: string, canonical: string): string {
  return `${prefix}_${canonical.replaceAll('.', '_')}`.toUpperCase();
}

/**
 * `canonical`, written as `written` is: snake_case, or with dots. Of an object in an object, such
 * as `producer_config.lingr_ms`, both names are.
 */
export function spelledLike(written: string, canonical: string): string {
  const outer = written.slice(0, written.lastIndexOf('.') + 1);
  const above = canonicalName(outer);
  if (outer.includes('_') && canonical.startsWith(above)) {
    return outer + spelledLike(written.slice(outer.length), canonical.slice(above.length));
  }
  const isSnake = written.includes('_') && !written.includes('.');
  return isSnake ? canonical.replaceAll('.', '_') : canonical;
}
