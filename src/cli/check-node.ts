/** Ends the command in a Node that is too old, with a line and no stack; see `check-node.ts`. */
import { oldNode } from '../node-version.ts';

const problem = oldNode(process.versions.node);
if (problem !== undefined) {
  console.error(problem);
  process.exit(1);
}
