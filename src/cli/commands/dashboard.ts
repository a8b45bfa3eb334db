import type { CommandSpec } from '../command.ts';
import { CLUSTER_FLAGS } from '../flags.ts';

/** `kusk dashboard`. */
export const DASHBOARD_COMMANDS = [
  {
    name: 'dashboard',
    summary: 'Show in a browser what telemetry has sent, and what it could',
    description: `Serves a page from this machine, with your own rights in the cluster: whether telemetry is on and who decided, every payload that was sent, and which resources were counted. It only reads, and nothing is installed. Ctrl-C ends it.

The address has a token, which keeps out the other users of this machine. It is printed on stdout.`,
    flags: [
      ...CLUSTER_FLAGS,
      {
        name: 'port',
        aliases: ['external-port'],
        value: 'PORT',
        default: '8080',
        help: 'port to serve at; the next free one if it is in use, any for 0',
      },
      {
        name: 'address',
        value: 'ADDRESS',
        default: '127.0.0.1',
        help: 'address to serve at; others than loopback need --yes',
      },
      { name: 'no-open', help: 'open no browser' },
      {
        name: 'yes',
        short: 'y',
        help: 'serve at an address that other machines reach, without a question',
      },
    ],
    examples: [
      { command: 'kusk dashboard', why: 'Of the current cluster, in a browser' },
      { command: 'kusk dashboard --no-open --port 0', why: 'Only print the address' },
    ],
    counted: true,
    load: () => import('./dashboard-serve.ts'),
  },
] as const satisfies readonly CommandSpec[];
