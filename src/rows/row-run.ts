/** The run behind a source of rows, as the source's owner is given it by the hooks. */
import type { CommitPosition, MovableRun, Run } from '../run.ts';

/** What a source does where the run that its hooks are given is asked. */
export interface RowSteering {
  /** These partitions go on elsewhere, from this turn on. */
  move(positions: readonly CommitPosition[]): void;
  /** Commits everything that was handed out. */
  commit(run: Run): Promise<void>;
}

/**
 * That run, where `seek` drops what the source has in hands, and `commit` of everything commits
 * what was handed out of the batch at hand, as the source's own do.
 */
export function rowRun(run: Run, source: RowSteering): Run {
  const movable = run as MovableRun;
  return {
    stop: () => run.stop(),
    assignment: () => run.assignment(),
    pause: (partitions) => run.pause(partitions),
    resume: (partitions) => run.resume(partitions),
    seek: (positions) => movable.seek(positions, (moved) => source.move(moved)),
    commit: (offsets) => (offsets === undefined ? source.commit(run) : run.commit(offsets)),
    stats: () => run.stats(),
    closed: run.closed,
    on: (event, listener) => run.on(event, listener),
  };
}
