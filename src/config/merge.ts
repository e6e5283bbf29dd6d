/** Layers of settings, the stronger over the weaker, made into one configuration. */
import type { LoadedConfig } from './config.ts';
import {
  givesWay,
  type Layer,
  SECTIONS,
  type Section,
  type Setting,
  said,
  sameValue,
  wrong,
} from './setting.ts';

/** Options of which a stronger layer's replaces all of the weaker's. */
const EXCLUSIVE: readonly (readonly string[])[] = [
  ['source.topic', 'source.topics', 'source.partitions'],
];

/** Settings by their path. */
export type Settings = ReadonlyMap<string, Setting>;

/**
 * Puts layers over one another.
 *
 * @param layers the weakest first.
 * @throws MillraceError `INVALID_OPTION` where two names of one layer contradict each other.
 */
export function mergeLayers(layers: readonly Layer[]): Map<string, Setting> {
  const merged = new Map<string, Setting>();
  for (const { settings } of layers) {
    const said = unambiguous(settings);
    for (const setting of said) {
      for (const path of outdoneBy(setting, merged)) merged.delete(path);
    }
    // Only now, so that what one layer says together stays together.
    for (const setting of said) merged.set(setting.path, setting);
  }
  return merged;
}

/** The configuration that settings stand for. */
export function assemble(settings: Settings, notes: readonly string[]): LoadedConfig {
  const section = (name: Section) => Object.freeze(tree(settings, `${name}.`));
  const [connection, source, sink, run] = SECTIONS.map(section);
  const origins = [...settings.values()].map(({ path, name, where }) => {
    return [path, name === path ? where : `${name} in ${where}`] as const;
  });
  return Object.freeze({
    connection: connection!,
    source: source!,
    sink: sink!,
    run: run!,
    notes: Object.freeze([...notes]),
    origins: Object.freeze(Object.fromEntries(origins)),
  });
}

/**
 * Every path has one value in a layer, whatever the names that say it; `kafka.producer.linger.ms`
 * is more than `kafka.linger.ms`.
 */
function unambiguous(settings: readonly Setting[]): readonly Setting[] {
  const seen = new Map<string, Setting>();
  for (const setting of settings) {
    const other = seen.get(setting.path);
    if (other !== undefined && givesWay(setting, other)) continue;
    const isMore = other !== undefined && givesWay(other, setting);
    if (other !== undefined && !isMore && !sameValue(other, setting)) {
      const both = `${said(other)} and ${said(setting)}`;
      throw wrong(
        setting.where,
        setting.name,
        `${both} contradict each other, both are ${setting.path}; keep one`,
      );
    }
    seen.set(setting.path, setting);
  }
  return [...seen.values()];
}

/** Paths of weaker layers that make no sense any more beside a setting. */
function outdoneBy(setting: Setting, weaker: Settings): string[] {
  const { path, value } = setting;
  const rivals = EXCLUSIVE.find((paths) => paths.includes(path)) ?? [];
  const parent = path.slice(0, path.lastIndexOf('.'));
  // Another way to log in has other options: a user name is none of a token's.
  const mechanism = weaker.get(path)?.value;
  const isOtherLogin =
    path.endsWith('.sasl.mechanism') &&
    mechanism !== undefined &&
    String(mechanism).toLowerCase() !== String(value).toLowerCase();
  return [...weaker.keys()].filter(
    (other) =>
      rivals.includes(other) ||
      // No group is joined for partitions that are named.
      (path === 'source.partitions' && other.startsWith('source.group.')) ||
      other === parent ||
      other.startsWith(`${path}.`) ||
      (isOtherLogin && other.startsWith(`${parent}.`)),
  );
}

/** The options under a prefix such as `source.`, parts as objects. */
export function tree(settings: Settings, prefix: string): Record<string, unknown> {
  const names = new Set<string>();
  for (const path of settings.keys()) {
    if (path.startsWith(prefix)) names.add(path.slice(prefix.length).split('.', 1)[0]!);
  }
  const entries = [...names].map((name) => {
    const leaf = settings.get(prefix + name);
    const inner = tree(settings, `${prefix}${name}.`);
    // `ssl: true` says no more than what its parts say, too.
    const isLeaf = leaf !== undefined && (leaf.value !== true || Object.keys(inner).length === 0);
    return [name, isLeaf ? leaf.value : Object.freeze(inner)] as const;
  });
  return Object.fromEntries(entries);
}
