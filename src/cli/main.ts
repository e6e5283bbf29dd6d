#!/usr/bin/env node
import './check-node.ts';

import { readFileSync } from 'node:fs';
import { MillraceError } from '../errors.ts';
import { COMMANDS } from './commands.ts';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

process.exitCode = await main(process.argv.slice(2));

async function main([name, ...args]: string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h') {
    console.log(help());
    return name === undefined ? EXIT_USAGE : 0;
  }
  if (name === '--version' || name === '-v') {
    console.log(version());
    return 0;
  }
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command === undefined) {
    console.error(`millrace: there is no command "${name}"\n\n${help()}`);
    return EXIT_USAGE;
  }
  try {
    return await command.run(args);
  } catch (error) {
    // A mistake of the user's or an outage is told in words; only a bug deserves its stack.
    const known = MillraceError.from(error);
    console.error(known.domain === 'internal' ? error : `millrace: ${known.message}`);
    return known.code === 'INVALID_OPTION' ? EXIT_USAGE : EXIT_FAILED;
  }
}

function help(): string {
  const width = Math.max(0, ...COMMANDS.map((command) => command.name.length));
  const lines = COMMANDS.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`);
  const commands = lines.length === 0 ? [] : ['', 'Commands:', ...lines];
  return [
    'millrace: columnar batch analytics for Kafka',
    '',
    'Usage: millrace <command> [options]',
    '       millrace --help | --version',
    ...commands,
  ].join('\n');
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
