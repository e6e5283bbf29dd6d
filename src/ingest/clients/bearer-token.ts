/** The token that the caller's function gives for a log-in by OAUTHBEARER. */
import type { SaslOptions } from '../client.ts';

type Provider = Extract<SaslOptions, { mechanism: 'oauthbearer' }>['token'];

/** A reason that is longer is cut. */
const REASON_CHARACTERS_MAX = 300;
const HIDDEN = '[secret]';

/** What an identity provider's errors may repeat: tokens, and secrets by their usual names. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\beyJ[\w-]+(?:\.[\w-]*){1,4}/g, HIDDEN],
  [/\b(bearer|basic)\s+[\w.~+/=-]+/gi, `$1 ${HIDDEN}`],
  [
    /((?:secret|password|token|assertion|api_?key)["']?\s*[=:]\s*["']?)[^\s"'&,;}]+/gi,
    `$1${HIDDEN}`,
  ],
];

/** That `sasl.token` gave no token; its message has no secrets, and it has no cause. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
}

/** Asks for a token. Rejects with `TokenError` where the function throws, or gives none. */
export async function bearerToken(provider: Provider): Promise<string> {
  let token: unknown;
  try {
    token = await provider();
  } catch (error) {
    // The error itself may hold the whole request: it goes no further.
    throw new TokenError(`sasl.token failed: ${reasonOf(error)}`);
  }
  if (typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)) return token;
  const found = typeof token === 'string' ? 'an empty string, or one with blanks' : typeof token;
  throw new TokenError(`sasl.token gave ${found}; it must give a token`);
}

function reasonOf(error: unknown): string {
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const clean = SECRETS.reduce((text, [shape, without]) => text.replace(shape, without), said);
  if (clean.length <= REASON_CHARACTERS_MAX) return clean;
  return `${clean.slice(0, REASON_CHARACTERS_MAX)}…`;
}
