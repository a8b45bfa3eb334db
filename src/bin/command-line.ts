import manifest from '../../package.json' with { type: 'json' };
import { COMMAND_TABLE as table } from '../cli/commands.ts';
import { invoke } from '../cli/invoke.ts';
import { parseCommandLine } from '../cli/parse.ts';
import type { Invocation } from '../cli/plain.ts';
import { processParts } from './process-parts.ts';

const { version } = manifest;

/** As `Program.parse`. */
export function parse(args: readonly string[]): Promise<Invocation | string> {
  return parseCommandLine(args, { table, version });
}

/** As `Program.run`. The exit code is the command's. */
export async function run(
  { command, flags, args }: Invocation,
  { signal }: AbortController,
): Promise<void> {
  const parts = processParts({ noColor: flags['no-color'] === true, signal });
  process.exitCode = await invoke(command, { ...parts, version, table, flags, args });
}
