import type { RunCommand } from '../command.ts';
import { type Place, places } from '../completion/words.ts';

/** The shells, each with what writes its script. */
const SHELLS: Readonly<Record<string, () => Promise<(all: readonly Place[]) => string>>> = {
  bash: async () => (await import('../completion/bash.ts')).bashCompletion,
  zsh: async () => (await import('../completion/zsh.ts')).zshCompletion,
  fish: async () => (await import('../completion/fish.ts')).fishCompletion,
  powershell: async () => (await import('../completion/powershell.ts')).powershellCompletion,
};

/** `kusk completion SHELL`: prints the shell's script, which holds all words and starts no `kusk`. */
export const run: RunCommand = async ({ args: [shell = ''], table, stdout }) => {
  const script = await SHELLS[shell]?.();
  if (!script) throw new Error(`no completion for ${shell}`);
  stdout.write(script(places(table)));
  return 0;
};
