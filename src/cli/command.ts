/** One of `millrace`'s subcommands. */
export interface Command {
  readonly name: string;
  /** One line for `millrace --help`. */
  readonly summary: string;
  /**
   * Does the work and resolves with the process's exit status.
   *
   * @param args what follows the command's name; the command explains its own `--help`
   */
  run(args: readonly string[]): Promise<number>;
}
