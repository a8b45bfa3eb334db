/**
 * The first process of a machine within the machine: brings a whole node up, says where it is in one
 * line of JSON, and ends when its standard input does. The kernel ends all the rest with it.
 */

import type { Assignment } from './assignment.ts';
import { bringUp } from './bring-up.ts';

const assignment: Assignment = JSON.parse(process.argv[2] ?? '');
process.stdin.once('end', () => process.exit(0)).resume();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(name, () => process.exit(0));
}
try {
  console.log(JSON.stringify(await bringUp(assignment)));
} catch (error) {
  console.log(JSON.stringify({ failure: error instanceof Error ? error.message : String(error) }));
  process.exitCode = 1;
  process.stdin.destroy();
}
