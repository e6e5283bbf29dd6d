/** The run behind a source of rows, as the source's owner is given it by the hooks. */
import type { MovableRun, Run, SeekPosition } from '../run.ts';

/**
 * That run, where `seek` drops what the source has in hands, too, as the source's own `seek` does.
 *
 * @param onMoved called with the positions of each seek, at its turn.
 */
export function rowRun(run: Run, onMoved: (positions: readonly SeekPosition[]) => void): Run {
  const movable = run as MovableRun;
  return {
    stop: () => run.stop(),
    assignment: () => run.assignment(),
    pause: (partitions) => run.pause(partitions),
    resume: (partitions) => run.resume(partitions),
    seek: (positions) => movable.seek(positions, () => onMoved(positions)),
    commit: (offsets) => run.commit(offsets),
    stats: () => run.stats(),
    closed: run.closed,
    on: (event, listener) => run.on(event, listener),
  };
}
