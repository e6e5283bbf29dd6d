/** A caller's value in words, for messages that say what is wrong with it; without its secrets. */
import { inspect, types } from 'node:util';

/** How much of a value is shown. */
export interface ShownOptions {
  /** Levels below the value itself; default 1. Below 0 objects are `[Object]`. */
  readonly depth?: number;
  /** Entries of a list; default 100. */
  readonly items?: number;
  /** Characters of a text; default 10,000. */
  readonly characters?: number;
}

/** What the value of a member with such a name may be: a connection in the wrong argument. */
const SECRET_NAME =
  /pass|pwd|secret|token|jaas|sasl|credential|authorization|.key$|^(auth|ssl|tls)$/i;
/** A key of TLS in the place of a message's or a map's, which are shown: nobody's is that long. */
const KEY_LENGTH_MAX = 260;
/** `password=…` in an address, a line of JAAS or JSON; nobody knows where its value ends. */
const SECRET_PAIR =
  /(\b[\w.-]*(?:pass|pwd|secret|token|jaas|api[-_.]?key|accesskey)[\w.-]*)["']?\s*[=:].*/is;
const PRIVATE_KEY = /(-----BEGIN [A-Z ]*PRIVATE KEY-----).*/s;

const HIDDEN = '[secret]';
const hidden = Object.freeze({ [inspect.custom]: () => HIDDEN });

/**
 * As `util.inspect` prints it, in one line. What a caller gave in place of something else may be
 * its whole connection, and messages go to logs: members that are named like secrets are
 * `[secret]`, and texts are {@link withoutSecrets}.
 */
export function shownValue(value: unknown, options: ShownOptions = {}): string {
  const { depth = 1, items = 100, characters = 10_000 } = options;
  const style = { breakLength: Number.POSITIVE_INFINITY, maxArrayLength: items };
  try {
    return inspect(masked(value, depth, []), { ...style, depth, maxStringLength: characters });
  } catch {
    // A getter or a proxy that throws. Nothing of it is looked at.
    return typeof value === 'function' ? 'a function' : 'an object that cannot be shown';
  }
}

/** As JSON, or what JSON does not have: `a function`, `5n`, `Symbol(x)`. Secrets as above. */
export function shownJson(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'bigint') return `${value}n`;
  try {
    return JSON.stringify(value, jsonMember) ?? String(value);
  } catch {
    return 'an object that refers to itself';
  }
}

/**
 * A text without the login of an address (`user:password@host`), values of parameters that are
 * named like secrets (with all behind them), and private keys.
 */
export function withoutSecrets(text: string): string {
  return text
    .replace(SECRET_PAIR, '$1=…')
    .replace(/^.*:.*@/s, '…@')
    .replace(PRIVATE_KEY, '$1…');
}

/** Whether what has this name is not to be shown: `password`, `sasl.mechanism`, `clientSecret`. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

function jsonMember(this: object, name: string, value: unknown): unknown {
  if (isSecretMember(this, name, value)) return HIDDEN;
  if (typeof value === 'string') return withoutSecrets(value);
  return typeof value === 'bigint' ? `${value}n` : value;
}

function isSecretMember(of: object, name: unknown, value: unknown): boolean {
  if (typeof name !== 'string' || value === undefined || value === null) return false;
  if (typeof value === 'boolean') return false;
  if (name === 'key') {
    return 'cert' in of || (typeof value === 'string' && value.length > KEY_LENGTH_MAX);
  }
  return isSecretName(name);
}

/** A copy, as deep as it is shown. `above` are the objects on the way here, and their copies. */
function masked(value: unknown, depth: number, above: readonly [object, object][]): unknown {
  if (typeof value === 'string') return withoutSecrets(value);
  if (typeof value === 'function') return Object.keys(value).length === 0 ? value : noted(value);
  if (typeof value !== 'object' || value === null) return value;
  const seen = above.find(([original]) => original === value);
  if (seen !== undefined) return seen[1];
  if (types.isNativeError(value)) return written(`[${withoutSecrets(String(value))}]`);
  // Printed by themselves, or not printed any more.
  if (depth < 0 || inspect.custom in value || isOpaque(value)) return value;
  const copy = emptyCopy(value);
  const here: readonly [object, object][] = [...above, [value, copy]];
  const inside = (name: unknown, member: unknown) =>
    isSecretMember(value, name, member) ? hidden : masked(member, depth - 1, here);
  if (copy instanceof Map) {
    for (const [name, member] of value as Map<unknown, unknown>) {
      copy.set(inside(undefined, name), inside(name, member));
    }
  } else if (copy instanceof Set) {
    for (const member of value as Set<unknown>) copy.add(inside(undefined, member));
  }
  for (const name of Reflect.ownKeys(value)) {
    const property = Object.getOwnPropertyDescriptor(value, name);
    if (property?.enumerable !== true) continue;
    if ('value' in property) property.value = inside(name, property.value);
    Object.defineProperty(copy, name, property);
  }
  return copy;
}

function emptyCopy(value: object): object {
  if (Array.isArray(value)) return new Array(value.length);
  if (types.isMap(value)) return new Map();
  if (types.isSet(value)) return new Set();
  return Object.create(Object.getPrototypeOf(value) as object | null) as object;
}

/** What has more than members, which a copy would not have. */
function isOpaque(value: object): boolean {
  return (
    types.isBoxedPrimitive(value) ||
    types.isDate(value) ||
    types.isRegExp(value) ||
    types.isPromise(value) ||
    types.isAnyArrayBuffer(value) ||
    ArrayBuffer.isView(value)
  );
}

function noted(value: { readonly name?: unknown }): object {
  return written(`[Function: ${String(value.name)}]`);
}

function written(text: string): object {
  return { [inspect.custom]: () => text };
}
