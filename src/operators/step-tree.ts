/**
 * The ways of one source's rows through steps to sinks. Ways that begin with the same steps are one
 * there, and part where their steps part: what they share runs once.
 */
import type { Step } from './step.ts';

/** One way. Steps are the same where they are the same objects. */
export interface StepPath {
  readonly steps: readonly Step[];
  /** Number of the sink that it ends in. */
  readonly sink: number;
  /** Whether it only looks on: a plan whose other ways have ended has ended. Default false. */
  readonly looksOn?: boolean;
  /** Names of the columns that are read at its end; default all. */
  readonly needs?: readonly string[];
}

/** Steps, and what comes behind them: branches, or the end of one way. */
export interface StepBranch {
  readonly steps: readonly Step[];
  readonly branches: readonly StepBranch[];
  readonly end?: StepPath;
}

/** The tree of some ways, at least one; branches are in the order of the ways. */
export function stepTree(paths: readonly StepPath[]): StepBranch {
  return branchOf(paths.map((path) => ({ path, rest: path.steps })));
}

interface Way {
  readonly path: StepPath;
  readonly rest: readonly Step[];
}

function branchOf(ways: readonly Way[]): StepBranch {
  const steps = sharedSteps(ways);
  const [only, ...others] = ways;
  if (others.length === 0) return { steps, branches: [], end: only!.path };
  const rest = ways.map((way) => ({ path: way.path, rest: way.rest.slice(steps.length) }));
  return { steps, branches: groups(rest).map(branchOf) };
}

function sharedSteps(ways: readonly Way[]): readonly Step[] {
  const [first, ...others] = ways.map(({ rest }) => rest);
  let shared = 0;
  while (shared < first!.length && others.every((rest) => rest[shared] === first![shared])) {
    shared += 1;
  }
  return first!.slice(0, shared);
}

// Those that go on with the same step together; each that ends here alone.
function groups(ways: readonly Way[]): Way[][] {
  const made: Way[][] = [];
  for (const way of ways) {
    const [next] = way.rest;
    const group = next && made.find(([other]) => other!.rest[0] === next);
    if (group === undefined) made.push([way]);
    else group.push(way);
  }
  return made;
}
