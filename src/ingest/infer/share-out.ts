/** Shares a sample among partitions. */

/**
 * How many of `wanted` each takes: as evenly as their sizes allow, never more than its size. The
 * sum is `wanted`, or that of the sizes where it is less.
 */
export function shareOut(wanted: number, sizes: readonly number[]): number[] {
  const shares = sizes.map(() => 0);
  let left = wanted;
  // The smallest first: what they cannot take is the others'.
  const order = [...sizes.keys()].sort((a, b) => sizes[a]! - sizes[b]!);
  for (const [i, at] of order.entries()) {
    const share = Math.min(sizes[at]!, Math.ceil(left / (order.length - i)));
    shares[at] = share;
    left -= share;
  }
  return shares;
}
