/** The sources of a pipeline, each with partitions and commits of its own. */
import { MillraceError } from '../errors.ts';
import type { TopicPartition } from '../ingest/client.ts';
import type { BranchEnd } from '../operators/compile.ts';
import type { CommitPosition, OnMoved, PartitionHooks, SeekPosition } from '../run.ts';
import type { Feed, Morsel } from './feed.ts';
import { Partitions, type PartitionsHost } from './partitions.ts';
import { readPartitions, readPositions } from './positions.ts';

/** What one source of a pipeline is. */
export interface InputParts {
  readonly feed: Feed;
  /** Whether offsets are committed by themselves; default true. */
  readonly autoCommit?: boolean;
  readonly commitIntervalMs: number;
  /** The caller's functions around changes of the partitions. */
  readonly hooks?: PartitionHooks;
  /** Where its rows go. */
  readonly ends: readonly BranchEnd[];
}

/** One source while it is read. */
export interface Input extends InputParts {
  /** Which of the spec's inputs it is. */
  readonly number: number;
  readonly partitions: Partitions;
  /** Its morsels that workers have. */
  computing: number;
}

/** A morsel, and the source that it is of. */
export interface InputMorsel {
  readonly input: Input;
  readonly morsel: Morsel;
}

/** The sources of one pipeline. */
export class Inputs {
  readonly all: readonly Input[];
  #next = 0;

  /** @param hostOf what the partitions of a source see of the pipeline. */
  constructor(
    parts: readonly InputParts[],
    hostOf: (input: InputParts, own: () => Input) => PartitionsHost,
  ) {
    this.all = parts.map((part, number) => {
      const input: Input = {
        ...part,
        number,
        partitions: new Partitions(hostOf(part, () => input)),
        computing: 0,
      };
      return input;
    });
  }

  /** Whether the caller is one of the functions around changes of the partitions. */
  get insideHook(): boolean {
    return this.all.some(({ partitions }) => partitions.insideHook);
  }

  /** As `MovableRun.dealt`, of all of them. */
  get dealt(): Promise<void> {
    return Promise.all(this.all.map(({ partitions }) => partitions.dealt)).then(() => undefined);
  }

  /** Messages behind the ends of the logs. */
  get lag(): number {
    return this.all.reduce((sum, { feed }) => sum + feed.lag, 0);
  }

  /**
   * The next morsel of one of them; they take turns.
   *
   * @param idle as for `Feed.next`.
   * @param wanted which of them are asked.
   */
  next(idle: boolean, wanted: (input: Input) => boolean): InputMorsel | undefined {
    for (let i = 0; i < this.all.length; i++) {
      const input = this.all[(this.#next + i) % this.all.length]!;
      const morsel = wanted(input) ? input.feed.next(idle) : undefined;
      if (morsel === undefined) continue;
      this.#next = (input.number + 1) % this.all.length;
      return { input, morsel };
    }
    return undefined;
  }

  /** Milliseconds until something will have waited long enough; `undefined`: nothing waits. */
  dueMs(): number | undefined {
    const due = this.all.flatMap(({ feed }) => feed.dueMs() ?? []);
    return due.length === 0 ? undefined : Math.min(...due);
  }

  /** The partitions of all, ordered by topic and number. */
  assignment(): readonly TopicPartition[] {
    return this.all
      .flatMap(({ partitions }) => partitions.lanes.partitions())
      .sort((a, b) =>
        a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1,
      );
  }

  /** As `Run.pause`. */
  pause(partitions?: readonly TopicPartition[]): void {
    const parts = this.#parts(readPartitions('pause', partitions));
    for (const { input, part } of parts) input.partitions.pause(part);
  }

  /** As `Run.resume`. */
  resume(partitions?: readonly TopicPartition[]): void {
    const parts = this.#parts(readPartitions('resume', partitions));
    for (const { input, part } of parts) input.partitions.resume(part);
  }

  /** As `MovableRun.seek`. */
  async seek(positions: readonly SeekPosition[], onMoved?: OnMoved): Promise<void> {
    const parts = this.#parts(readPositions('seek', positions), 'seek');
    await Promise.all(parts.map(({ input, part }) => input.partitions.seek(part ?? [], onMoved)));
  }

  /** As `Run.commit`. */
  async commit(positions?: readonly CommitPosition[]): Promise<void> {
    const asked = positions === undefined ? undefined : readPositions('commit', positions);
    const parts = this.#parts(asked, 'commit').filter(
      ({ input, part }) => part !== undefined || input.feed.control?.commits === true,
    );
    const [first] = this.all;
    // Whoever asks for commits where nothing has a group is told so.
    if (parts.length === 0) return first!.partitions.commit(positions);
    await Promise.all(parts.map(({ input, part }) => input.partitions.commit(part)));
  }

  // What is asked of which source: of all that have partitions, or by whose the partitions are now.
  #parts<P extends TopicPartition>(
    asked: readonly P[] | undefined,
    owned?: string,
  ): { readonly input: Input; readonly part?: readonly P[] }[] {
    const able = this.all.filter(({ feed }) => feed.control !== undefined);
    const [only, ...others] = able.length === 0 ? this.all : able;
    if (others.length === 0) return [{ input: only!, ...(asked && { part: asked }) }];
    if (asked === undefined) return able.map((input) => ({ input }));
    const parts = new Map<Input, P[]>();
    for (const one of asked) {
      const owners = able.filter(({ partitions }) => partitions.lanes.get(one) !== undefined);
      if (owners.length > 1 && owned !== undefined) throw ambiguous(owned, one);
      // Whoever does not have it says so.
      for (const input of owners.length === 0 ? [only!] : owners) {
        parts.set(input, [...(parts.get(input) ?? []), one]);
      }
    }
    return [...parts].map(([input, part]) => ({ input, part }));
  }
}

function ambiguous(method: string, { topic, partition }: TopicPartition): MillraceError {
  return new MillraceError(
    `${method}: two sources of this run read ${topic}-${partition}, and it does not say which is ` +
      'meant; run them apart',
    { code: 'INVALID_OPTION', context: { topic, partition } },
  );
}
