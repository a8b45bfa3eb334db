import type { Invocation } from '../cli/plain.ts';
import { requireNode, runProgram } from './program.ts';

requireNode('kusk');

await runProgram<Invocation>({
  name: 'kusk',
  async parse(args) {
    const { parse } = await import('./command-line.ts');
    return parse(args);
  },
  async run(invocation, stop) {
    const { run } = await import('./command-line.ts');
    await run(invocation, stop);
  },
});
