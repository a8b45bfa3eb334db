import type { RunCommand } from '../command.ts';

/** `kusk completion SHELL`. */
export const run: RunCommand = async ({ stdout }) => {
  stdout.write('');
  return 0;
};
