import type { CommandSpec, Flag, Flags } from './command.ts';

/** `-o`, on each command that prints data. */
export const OUTPUT_FLAG = {
  name: 'output',
  short: 'o',
  value: 'FORMAT',
  choices: ['text', 'json', 'yaml'],
  default: 'text',
  help: 'output format',
} as const satisfies Flag;

/** On each command that connects to a cluster. */
export const CLUSTER_FLAGS = [
  {
    name: 'kubeconfig',
    value: 'FILE',
    help: 'kubeconfig file (default: $KUBECONFIG, then ~/.kube/config)',
  },
  { name: 'context', value: 'NAME', help: "kubeconfig context (default: the file's current one)" },
  {
    name: 'namespace',
    short: 'n',
    value: 'NAME',
    default: 'kusk-system',
    help: 'namespace of the operator',
  },
] as const satisfies readonly Flag[];

/** Returns the value of a flag that takes one, or `undefined` if it is not given and has no default. */
export function flagText(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
}

/** Returns whether a switch is set. */
export function isFlagSet(flags: Flags, name: string): boolean {
  return flags[name] === true;
}

/** On every command. */
export const GLOBAL_FLAGS = [
  { name: 'no-color', help: 'print without colors (as with the variable NO_COLOR)' },
] as const satisfies readonly Flag[];
export const HELP_FLAG = {
  name: 'help',
  short: 'h',
  help: 'print this help',
} as const satisfies Flag;
/** On `kusk` itself. */
export const VERSION_FLAG = {
  name: 'version',
  help: "print kusk's version",
} as const satisfies Flag;

/** Returns the flags of a command that is run without any. */
export function defaultsOf({ flags }: Pick<CommandSpec, 'flags'>): Flags {
  return Object.fromEntries(flags.map(({ name, default: value }) => [name, value]));
}
