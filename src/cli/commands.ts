import type { Command } from './command.ts';

/** Every subcommand, in the order of `millrace --help`. */
export const COMMANDS: readonly Command[] = [];
