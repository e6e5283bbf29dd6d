/** `node bench/run.ts SUITE|all [--json] [--small]`: runs benchmark suites. */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { caseTable } from './report.ts';
import { type Measurement, SUITES, type Suite, type SuiteOptions } from './suite.ts';

const HELP = `Usage: node bench/run.ts SUITE|all [options]

  --json        one line of JSON a figure instead of tables
  --small       a size for tests; its figures mean nothing
  --messages N  messages of our own engine, or rows; for the suites with a broker, morsel, operators
  --case TEXT   the cases whose name has it; for the suites operators and types
  --soak        main-job only: its memory over 50 million messages, instead of its speed

Suites: ${SUITES.join(', ')}
`;

const fileOf = (name: string) => new URL(`./${name}.ts`, import.meta.url);

async function load(name: string): Promise<Suite> {
  const { suite } = (await import(fileOf(name).href)) as { suite: Suite };
  return suite;
}

function chosen(name: string): string[] {
  if (name === 'all') return SUITES.filter((suite) => existsSync(fileOf(suite)));
  if (SUITES.some((suite) => suite === name) && existsSync(fileOf(name))) return [name];
  throw new Error(`there is no suite "${name}"; there are: ${SUITES.join(', ')}, all`);
}

interface RunOptions extends Omit<SuiteOptions, 'report'> {
  readonly json: boolean;
}

async function runSuite(name: string, { json, ...options }: RunOptions): Promise<void> {
  const suite = await load(name);
  let open: Measurement[] = [];
  const flush = () => {
    if (open.length > 0) console.log(caseTable(open));
    open = [];
  };
  await suite.run({
    ...options,
    report(measurement) {
      if (json) {
        console.log(JSON.stringify(measurement));
        return;
      }
      if (open[0] !== undefined && open[0].case !== measurement.case) flush();
      open.push(measurement);
    },
  });
  flush();
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      small: { type: 'boolean', default: false },
      soak: { type: 'boolean', default: false },
      messages: { type: 'string' },
      case: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const [name] = positionals;
  if (values.help || name === undefined) {
    process.stdout.write(HELP);
    return;
  }
  const { json, small, soak } = values;
  const part = values.case === undefined ? {} : { cases: values.case };
  const options = { json, small, soak, ...part, ...sizeOf(values.messages) };
  for (const suite of chosen(name)) await runSuite(suite, options);
}

function sizeOf(text: string | undefined): { messages?: number } {
  if (text === undefined) return {};
  const messages = Number(text.replaceAll('_', ''));
  if (Number.isSafeInteger(messages) && messages > 0) return { messages };
  throw new Error(`--messages is "${text}": it must be a whole number, 1 or more`);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
