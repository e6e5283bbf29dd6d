/** The name that somebody probably meant, for messages about unknown ones. */

/**
 * The entry of `known` with the smallest edit distance to `name`; of equals the one that begins as
 * `name` does for longest, then the first: who writes `ack` means `acks`, not `rack`.
 */
export function nearestName(name: string, known: readonly string[]): string {
  let best = '';
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance > bestDistance) continue;
    const isEqual = distance === bestDistance;
    if (isEqual && sharedStart(name, candidate) <= sharedStart(name, best)) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

/** Letters at the beginning that two names have in common, whatever their case. */
function sharedStart(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length]?.toLowerCase() === other[length]?.toLowerCase()) {
    length += 1;
  }
  return length;
}

/** Edits that a name may be away from another, as a share of the longer one's length. */
const TYPO_SHARE = 1 / 3;

/**
 * What to say about a name that is not in `known`: the one that was probably mistyped, else all of
 * them. A name that is close to none is no typing mistake, and a guess would mislead.
 */
export function meantName(name: string, known: readonly string[]): string {
  const meant = mistypedName(name, known);
  return meant === undefined ? `it has ${known.join(', ')}` : `did you mean '${meant}'?`;
}

/** The entry of `known` that was probably mistyped as `name`; nothing where none is close. */
export function mistypedName(name: string, known: readonly string[]): string | undefined {
  const nearest = nearestName(name, known);
  const distance = editDistance(name.toLowerCase(), nearest.toLowerCase());
  const isTypo = distance <= Math.max(name.length, nearest.length) * TYPO_SHARE;
  return isTypo ? nearest : undefined;
}

/** Optimal string alignment distance: two letters that changed places count once. */
function editDistance(from: string, to: string): number {
  let twoAbove: number[] = [];
  let above = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = above[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      const swaps = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const swapped = swaps ? twoAbove[j - 2]! + 1 : replaced;
      row.push(Math.min(replaced, swapped, above[j]! + 1, row[j - 1]! + 1));
    }
    twoAbove = above;
    above = row;
  }
  return above[to.length]!;
}
