/** The configuration reference, made of the types, the table of names and the presets. */
import { readFileSync } from 'node:fs';
import { variableName } from '../../src/config/canonical-name.ts';
import { FILE_NAMES } from '../../src/config/config-file.ts';
import type { KnownName } from '../../src/config/known-name.ts';
import { findKnown, KNOWN_NAMES } from '../../src/config/names.ts';
import { OPTION_READERS, OWN_OPTIONS } from '../../src/config/options.ts';
import { explainPreset, PRESET_NAMES } from '../../src/config/presets.ts';
import { SECTIONS, type Section } from '../../src/config/setting.ts';
import { defaultOf } from './defaults.ts';
import type { OptionType, OptionTypes } from './option-types.ts';

const TITLES: Readonly<Record<Section, string>> = {
  connection:
    'How to reach the cluster. In `source` and `sink` the same options hold for that ' +
    'side alone. A ' +
    'side with `brokers` of its own is another cluster: it does not get this `ssl` and `sasl`.',
  source: 'What `Stream.fromKafka` takes.',
  sink: 'What `toKafka` takes.',
  run: 'Threads and memory.',
};

const introduction = readFileSync(new URL('introduction.md', import.meta.url), 'utf8');

/** The page. Throws where an option cannot be given as text, so that no list is left behind. */
export function referencePage(types: OptionTypes): string {
  checkComplete(types);
  const files = FILE_NAMES.map((name) => `\`${name}\``).join(', ');
  return [
    introduction.trim().replace('{files}', files),
    '## Options',
    'In `millrace.config.ts` and JSON an option lies in its section. In a ' +
      '`.properties` file it is ' +
      '`millrace.` and its path, in the environment `MILLRACE_` and its path in capitals: ' +
      `\`source.batch.maxRows\` is \`millrace.source.batch.maxRows\` and ` +
      `\`${variable('source.batch.maxRows')}\`. ` +
      'The last column has the names that other clients have for it.',
    ...SECTIONS.flatMap((section) => sectionText(section, types[section])),
    '## Names of other clients',
    'Any spelling will do: `max.poll.records`, `max_poll_records`, `maxPollRecords`; in the ' +
      'environment `KAFKA_MAX_POLL_RECORDS`. `kafka.`, `kafka.consumer.` and ' +
      '`kafka.producer.` may ' +
      'stand in front of any of them, `KAFKA_CONSUMER_` and `KAFKA_PRODUCER_` likewise.',
    nameTable(KNOWN_NAMES.filter(({ option }) => option !== undefined)),
    '### Without an option of their own',
    'Some change nothing, and `config.notes` says so; others are errors that say ' +
      'what to do, because ' +
      'a run that did not honour them would do something else than what they ask for.',
    nameTable(KNOWN_NAMES.filter(({ option }) => option === undefined)),
    '## Presets',
    'A preset lies beneath everything else. `explainPreset(name)` has the same as data.',
    ...PRESET_NAMES.flatMap(presetText),
  ]
    .join('\n\n')
    .concat('\n');
}

function checkComplete(types: OptionTypes): void {
  const missing = SECTIONS.flatMap((section) =>
    types[section]
      .filter(({ name }) => !(name in OPTION_READERS[section]))
      .map(({ name }) => `${section}.${name}`),
  );
  if (missing.length === 0) return;
  throw new Error(`src/config/options.ts says of ${missing.join(', ')} not how text is read`);
}

function sectionText(section: Section, options: readonly OptionType[]): string[] {
  const rows = options.map(({ name, type, doc }) => {
    const fallback = defaultOf(section, name);
    const known = KNOWN_NAMES.filter((one) => one.side === section && one.option === name);
    return [
      `\`${name}\``,
      code(type),
      fallback === undefined ? '' : code(fallback),
      doc,
      known.map(namesOf).join(', '),
    ];
  });
  const head = ['option', 'type', 'default', 'meaning', 'names elsewhere'];
  return [`### \`${section}\``, TITLES[section], table(head, rows)];
}

function nameTable(names: readonly KnownName[]): string {
  const rows = names.map((known) => [
    namesOf(known),
    known.option === undefined ? '' : `\`${pathOf(known)}\``,
    known.doc,
  ]);
  const hasOptions = names.some(({ option }) => option !== undefined);
  const all = hasOptions ? ['name', 'option', 'value'] : ['name', 'what becomes of it'];
  return table(all, hasOptions ? rows : rows.map(([name, , doc]) => [name!, doc!]));
}

/** A name that means the other side where it stands alone has its own in front. */
function namesOf(known: KnownName): string {
  const prefix = known.side === 'sink' ? 'producer.' : 'consumer.';
  const written = known.names.map((name) =>
    name.endsWith('*') || findKnown(name, 'both') === known ? name : prefix + name,
  );
  return written.map((name) => `\`${name}\``).join(', ');
}

function pathOf({ side, option }: KnownName): string {
  // What `security.protocol` and a line of JAAS say comes out in these.
  if (option === 'securityProtocol') return 'connection.ssl';
  if (option === 'sasl.jaas') return 'connection.sasl';
  return side === 'config' ? option! : `${side}.${option}`;
}

function presetText(name: (typeof PRESET_NAMES)[number]): string[] {
  const { summary, settings } = explainPreset(name);
  const rows = settings.map(({ option, value, why }) => [
    `\`${option}\``,
    code(typeof value === 'number' ? value.toLocaleString('en') : JSON.stringify(value)),
    why,
  ]);
  return [`### \`${name}\``, summary, table(['option', 'value', 'why'], rows)];
}

function variable(path: string): string {
  return variableName('MILLRACE', OWN_OPTIONS.find((own) => own.path === path)!.canonical);
}

function code(text: string): string {
  return `\`${text.replaceAll('"', "'").replaceAll('readonly ', '')}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
