/** All kernels of calls by name. */
import { MillraceError } from '../../errors.ts';
import { JSON_KERNELS } from './json-path.ts';
import type { Kernel } from './kernel.ts';
import { MATH_KERNELS } from './math.ts';
import { NESTED_KERNELS } from './nested.ts';
import { REGEXP_KERNELS } from './regexp.ts';
import { RETYPE_KERNELS } from './retype.ts';
import { TEXT_KERNELS } from './text.ts';
import { TIME_KERNELS } from './time.ts';

/** Every kernel of a call. */
export const KERNELS: ReadonlyMap<string, Kernel> = new Map<string, Kernel>([
  ...MATH_KERNELS,
  ...NESTED_KERNELS,
  ...TEXT_KERNELS,
  ...REGEXP_KERNELS,
  ...JSON_KERNELS,
  ...TIME_KERNELS,
  ...RETYPE_KERNELS,
]);

/** @throws MillraceError `INVALID_PLAN` where there is none of that name. */
export function kernelNamed(name: string): Kernel {
  const kernel = KERNELS.get(name);
  if (kernel !== undefined) return kernel;
  throw new MillraceError(`there is no kernel ${name}`, {
    code: 'INVALID_PLAN',
    context: { kernel: name },
  });
}
