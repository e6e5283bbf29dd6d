/**
 * Throws in a Node that is too old. The first import of every entry: what comes behind it is not
 * evaluated then. So that it gets there, no module may import by name what an old Node lacks.
 */
import { MillraceError } from './errors.ts';
import { oldNode } from './node-version.ts';

const problem = oldNode(process.versions.node);
if (problem !== undefined) {
  throw new MillraceError(problem, {
    code: 'MISSING_DEPENDENCY',
    context: { version: process.versions.node },
  });
}
