import type { Invocation } from '../cli/plain.ts';
import { runProgram } from './program.ts';

/** The first Node that can run all packages of this program. */
const OLDEST_NODE = [22, 19] as const;

await runProgram<Invocation>({
  name: 'kusk',
  async parse(args) {
    // Everything else is loaded after this: an older Node may not even be able to read it.
    checkNode(process.versions.node);
    const { parse } = await import('./command-line.ts');
    return parse(args);
  },
  async run(invocation, stop) {
    const { run } = await import('./command-line.ts');
    await run(invocation, stop);
  },
});

function checkNode(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new Error(
    `needs Node ${OLDEST_NODE.join('.')} or later, and this is Node ${version}.\n` +
      'Install a newer Node, or put its folder first in PATH.',
  );
}
