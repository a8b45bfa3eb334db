import type { CommandSpec } from '../command.ts';
import { CLUSTER_FLAGS, OUTPUT_FLAG } from '../flags.ts';
import { run as version } from './version.ts';

/** Commands of one word that concern `kusk` itself. */
export const GENERAL_COMMANDS = [
  {
    name: 'completion',
    summary: 'Print the script that completes kusk in a shell',
    arguments: [
      {
        name: 'SHELL',
        choices: ['bash', 'zsh', 'fish', 'powershell'],
        help: 'the shell that reads it',
      },
    ],
    description: 'The script holds all words and flags: to complete, it does not run kusk.',
    flags: [],
    examples: [
      { command: 'source <(kusk completion bash)', why: 'In this bash' },
      {
        command: 'kusk completion bash > ~/.local/share/bash-completion/completions/kusk',
        why: 'In each new bash',
      },
      { command: `kusk completion zsh > "\${fpath[1]}/_kusk"`, why: 'In each new zsh' },
      {
        command: 'kusk completion fish > ~/.config/fish/completions/kusk.fish',
        why: 'In each new fish',
      },
      { command: 'kusk completion powershell >> $PROFILE', why: 'In each new PowerShell' },
    ],
    counted: false,
    isQuiet: true,
    load: () => import('./completion.ts'),
  },
  {
    name: 'version',
    summary: "Print the version of kusk, and of the cluster's operator",
    description:
      'The operator is looked for in the cluster of the kubeconfig, if there is one, for two seconds at most. That none is found is no error. Nothing else is asked for, and nothing on the internet.',
    flags: [
      { name: 'client', help: "only kusk's own version: look for no cluster" },
      ...CLUSTER_FLAGS,
      OUTPUT_FLAG,
    ],
    examples: [
      { command: 'kusk version', why: 'Both versions' },
      { command: 'kusk version --client -o json', why: "Only kusk's own, for a program" },
    ],
    counted: false,
    // Loading a chunk takes longer than what it does.
    load: async () => ({ run: version }),
  },
  {
    name: 'help',
    summary: 'Print help about a command',
    arguments: [
      { name: 'COMMAND', isOptional: true, isRepeated: true, help: 'as in kusk help cluster' },
    ],
    flags: [],
    examples: [{ command: 'kusk help version', why: 'The same as kusk version --help' }],
    counted: false,
    load: () => import('./help.ts'),
  },
] as const satisfies readonly CommandSpec[];
