/** Observations of several paths as if they were one: of the values of what may be a map. */
import {
  MAX_DISTINCT,
  type Member,
  type NumberObservation,
  type Observation,
  type TextObservation,
} from './observation.ts';

/**
 * What was seen at any of these paths; at least one. A member's `present` is the sum.
 */
export function mergeObservations(all: readonly Observation[]): Observation {
  const [first, ...more] = all;
  if (more.length === 0) return first!;
  const sum = (of: (seen: Observation) => number) => all.reduce((n, seen) => n + of(seen), 0);
  const items = all.map(({ item }) => item).filter((item) => item !== undefined);
  const others = all.map((seen) => seen.others).filter((seen) => seen !== undefined);
  return {
    nulls: sum(({ nulls }) => nulls),
    bools: sum(({ bools }) => bools),
    integers: sum(({ integers }) => integers),
    fractions: sum(({ fractions }) => fractions),
    strings: sum(({ strings }) => strings),
    arrays: sum(({ arrays }) => arrays),
    objects: sum(({ objects }) => objects),
    isTooDeep: all.some(({ isTooDeep }) => isTooDeep),
    isUntracked: all.some(({ isUntracked }) => isUntracked),
    number: mergeNumbers(all.map(({ number }) => number)),
    text: mergeTexts(all.map(({ text }) => text)),
    ...(items.length === 0 ? {} : { item: mergeObservations(items) }),
    members: mergeMembers(all.flatMap(({ members }) => members)),
    ...(others.length === 0 ? {} : { others: mergeObservations(others) }),
    otherMembers: sum(({ otherMembers }) => otherMembers),
    longNames: sum(({ longNames }) => longNames),
  };
}

function mergeMembers(members: readonly Member[]): Member[] {
  const groups = Map.groupBy(members, ({ name }) => name);
  return [...groups].map(([name, group]) => ({
    name,
    present: group.reduce((n, { present }) => n + present, 0),
    seen: mergeObservations(group.map(({ seen }) => seen)),
  }));
}

function mergeNumbers(all: readonly NumberObservation[]): NumberObservation {
  const sum = (of: (seen: NumberObservation) => number) => all.reduce((n, seen) => n + of(seen), 0);
  const pick = (isBetter: (a: bigint, b: bigint) => boolean, values: readonly bigint[]) =>
    values.reduce((best, value) => (isBetter(value, best) ? value : best));
  return {
    least: pick(
      (a, b) => a < b,
      all.map(({ least }) => least),
    ),
    greatest: pick(
      (a, b) => a > b,
      all.map(({ greatest }) => greatest),
    ),
    wideIntegers: sum(({ wideIntegers }) => wideIntegers),
    inexactIntegers: sum(({ inexactIntegers }) => inexactIntegers),
    overflowing: sum(({ overflowing }) => overflowing),
    integerDigits: Math.max(...all.map(({ integerDigits }) => integerDigits)),
    fractionDigits: Math.max(...all.map(({ fractionDigits }) => fractionDigits)),
  };
}

function mergeTexts(all: readonly TextObservation[]): TextObservation {
  const sum = (of: (seen: TextObservation) => number) => all.reduce((n, seen) => n + of(seen), 0);
  const most = (of: (seen: TextObservation) => number) => Math.max(...all.map(of));
  return {
    numbers: sum(({ numbers }) => numbers),
    integerDigits: most(({ integerDigits }) => integerDigits),
    fractionDigits: most(({ fractionDigits }) => fractionDigits),
    dates: sum(({ dates }) => dates),
    times: sum(({ times }) => times),
    durations: sum(({ durations }) => durations),
    months: sum(({ months }) => months),
    instants: sum(({ instants }) => instants),
    wallClocks: sum(({ wallClocks }) => wallClocks),
    secondDigits: most(({ secondDigits }) => secondDigits),
    beyondNanoseconds: sum(({ beyondNanoseconds }) => beyondNanoseconds),
    beyondMicroseconds: sum(({ beyondMicroseconds }) => beyondMicroseconds),
    longest: most(({ longest }) => longest),
    // The same strings may have been seen at each.
    distinct: Math.min(
      sum(({ distinct }) => distinct),
      MAX_DISTINCT + 1,
    ),
  };
}
