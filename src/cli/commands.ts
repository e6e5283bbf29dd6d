import type { Command } from './command.ts';
import { schemaCommand } from './schema/schema.ts';
import { startCommand } from './start/start.ts';

/** Every subcommand, in the order of `millrace --help`. */
export const COMMANDS: readonly Command[] = [startCommand, schemaCommand];
