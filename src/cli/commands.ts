import type { CountedCommand } from '../record/machine-events.ts';
import type { CommandSpec, CommandTable } from './command.ts';
import { ANALYTICS_COMMANDS } from './commands/analytics.ts';
import { CLUSTER_COMMANDS } from './commands/cluster.ts';
import { DASHBOARD_COMMANDS } from './commands/dashboard.ts';
import { GENERAL_COMMANDS } from './commands/general.ts';
import { SEND } from './sender.ts';

/**
 * Every command of `kusk`, in the order of its help.
 *
 * To add one: a row in the file of its group in `commands/`, and its code in a file beside that, which
 * the row's `load` imports.
 */
const COMMANDS = [
  ...CLUSTER_COMMANDS,
  ...DASHBOARD_COMMANDS,
  ...ANALYTICS_COMMANDS,
  ...GENERAL_COMMANDS,
] as const satisfies readonly CommandSpec[];

type Counted = Extract<(typeof COMMANDS)[number], { readonly counted: true }>['name'];

/**
 * Commands that telemetry would count and that `kusk` does not have yet. The compiler compares: each
 * other name of `CLI_COMMANDS` has a row with `counted: true`, and no other row has.
 */
export const COMING: Readonly<Record<Exclude<CountedCommand, Counted>, 'coming'>> = {};

export const COMMAND_TABLE: CommandTable = {
  commands: COMMANDS,
  groups: {
    cluster: 'Install, upgrade, check or uninstall the operator',
    analytics: 'Show and switch telemetry',
  },
  internal: { [SEND]: () => import('./commands/send.ts') },
};
