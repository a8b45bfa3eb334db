import type { CommandTable, RunCommand } from '../../../src/cli/command.ts';
import { CLUSTER_FLAGS, OUTPUT_FLAG } from '../../../src/cli/flags.ts';

const run: RunCommand = async () => 0;
const ROW = { examples: [], counted: false, load: async () => ({ run }) } as const;

/** Commands of every kind: in a group, with files, choices and arguments, with quotes in their help. */
export const TABLE: CommandTable = {
  commands: [
    {
      ...ROW,
      name: 'cluster install',
      summary: "Install it: don't ask `why`",
      flags: [
        ...CLUSTER_FLAGS,
        {
          name: 'analytics',
          value: 'SWITCH',
          choices: ['on', 'off'],
          help: 'consent of "$HOME", 100 % \\ more',
        },
        { name: 'no-wait', help: 'return immediately' },
      ],
    },
    {
      ...ROW,
      name: 'cluster check',
      summary: 'Check',
      flags: [...CLUSTER_FLAGS, OUTPUT_FLAG],
    },
    {
      ...ROW,
      name: 'completion',
      summary: 'Complete',
      arguments: [{ name: 'SHELL', choices: ['bash', 'fish'], help: 'shell' }],
      flags: [],
    },
    {
      ...ROW,
      name: 'help',
      summary: 'Help',
      arguments: [{ name: 'COMMAND', isOptional: true, isRepeated: true, help: 'words' }],
      flags: [],
    },
  ],
  groups: { cluster: 'Clusters' },
  internal: {},
};
