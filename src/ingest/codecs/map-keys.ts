/** The keys of the maps in which a byte of a JSON message lies: for what is told of rejects. */
import type { DataType, Field } from '../../arrow/schema.ts';

// Only of rejects, and yet: a thousand of a morsel may be described.
const MAX_BYTES = 16 * 1024;
// The text may end within a string: no quote closes it then.
const TOKENS = /"(?:\\.|[^"\\])*(?:(")|\\?$)|[{}[\],]/gsu;

const utf8 = new TextDecoder();

/**
 * The keys of the maps around byte `position`, the outermost first: of `{"m":{"a":x` at the `x`
 * `['a']`, where `m` is a map. Empty where the byte lies in no map, or further in than 16 KiB.
 *
 * @param columns of the message, whose text before `position` is well-formed.
 */
export function mapKeysAt(
  columns: readonly Field[],
  message: Uint8Array,
  position: number,
): readonly string[] {
  if (position > MAX_BYTES) return [];
  // A copy: no decoder takes shared memory.
  const before = utf8.decode(Uint8Array.from(message.subarray(0, position)));
  const keys: string[] = [];
  let type: DataType | undefined = { kind: 'struct', fields: columns };
  for (const key of openKeys(before)) {
    if (type === undefined) return keys;
    if (type.kind === 'map' && key !== undefined) keys.push(key);
    type = childOf(type, key);
  }
  return keys;
}

// Of each object or array that is open at the end of the text: the last key, or `undefined`.
function openKeys(text: string): readonly (string | undefined)[] {
  const open: { key: string | undefined; isKeyNext: boolean }[] = [];
  for (const [token, quote] of text.matchAll(TOKENS)) {
    const inner = open.at(-1);
    if (token.startsWith('"') && quote === undefined) break;
    if (token === '{') open.push({ key: undefined, isKeyNext: true });
    else if (token === '[') open.push({ key: undefined, isKeyNext: false });
    else if (token === '}' || token === ']') open.pop();
    else if (inner === undefined) break;
    else if (token === ',') {
      // An array has no keys at all.
      inner.isKeyNext = inner.key !== undefined;
      inner.key = undefined;
    } else if (inner.isKeyNext) {
      inner.key = token;
      inner.isKeyNext = false;
    }
  }
  return open.map(({ key }) => (key === undefined ? undefined : textOf(key)));
}

// A reject must be told whatever the message is.
function textOf(token: string): string {
  try {
    return JSON.parse(token) as string;
  } catch {
    return token.slice(1, -1);
  }
}

function childOf(type: DataType, key: string | undefined): DataType | undefined {
  if (type.kind === 'list') return type.item.type;
  if (type.kind === 'map') return type.value.type;
  if (type.kind !== 'struct') return undefined;
  return type.fields.find(({ name }) => name === key)?.type;
}
