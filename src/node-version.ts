/** Which Node this package needs, told before anything of it fails for want of it. */

/** The oldest version that will do; package.json says the same under `engines`. */
export const NEEDED_NODE = '22.22.0';

/**
 * What is wrong with a version of Node; undefined where it will do. It names both versions, since
 * the one in use is often not the one that somebody has in mind.
 */
export function oldNode(version: string): string | undefined {
  const [given, needed] = [version, NEEDED_NODE].map((text) => text.split('.').map(Number));
  const differs = needed!.findIndex((part, i) => part !== given![i]);
  if (differs === -1 || given![differs]! > needed![differs]!) return undefined;
  return `millrace needs Node ${NEEDED_NODE} or newer, and this is Node ${version}`;
}
