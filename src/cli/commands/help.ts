import type { RunCommand } from '../command.ts';
import { UsageError } from '../command-error.ts';
import { helpPage } from '../help-page.ts';
import { safeText } from '../output/safe-text.ts';

/** `kusk help [COMMAND...]`: the same text as `kusk COMMAND --help`. */
export const run: RunCommand = async ({ args, table, stdout }) => {
  const name = args.join(' ');
  const isKnown =
    name === '' ||
    Object.hasOwn(table.groups, name) ||
    table.commands.some((command) => command.name === name);
  if (!isKnown) {
    throw new UsageError(`unknown command '${safeText(name)}'`, {
      advice: 'kusk help lists the commands.',
    });
  }
  stdout.write(helpPage(name, { table }));
  return 0;
};
