import type { CommandContext } from '../cli/command.ts';
import type { Invocation } from '../cli/parse.ts';
import { runProgram } from './program.ts';

/** The first that can run all packages of this program. */
const OLDEST_NODE = [22, 19] as const;

await runProgram<Invocation>({ name: 'kusk', parse, run });

async function parse(args: readonly string[]): Promise<Invocation | string> {
  // Everything else is loaded after this: an older Node may not even be able to read it.
  checkNode(process.versions.node);
  const { COMMAND_TABLE: table } = await import('../cli/commands.ts');
  const { parseCommandLine } = await import('../cli/parse.ts');
  return parseCommandLine(args, { table, version: await ownVersion() });
}

async function run({ command, flags, args }: Invocation, stop: AbortController): Promise<void> {
  const { invoke } = await import('../cli/invoke.ts');
  const { COMMAND_TABLE: table } = await import('../cli/commands.ts');
  const { processParts } = await import('./process-parts.ts');
  const context: CommandContext = {
    ...processParts({ noColor: flags['no-color'] === true, signal: stop.signal }),
    version: await ownVersion(),
    table,
    flags,
    args,
  };
  process.exitCode = await invoke(command, context);
}

async function ownVersion(): Promise<string> {
  const { default: manifest } = await import('../../package.json', { with: { type: 'json' } });
  return manifest.version;
}

function checkNode(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new Error(
    `needs Node ${OLDEST_NODE.join('.')} or later, and this is Node ${version}.\n` +
      'Install a newer Node, or put its folder first in PATH.',
  );
}
