import type { CommandSpec, Flag } from '../command.ts';
import { CLUSTER_FLAGS, OUTPUT_FLAG } from '../flags.ts';

const CLUSTER = {
  name: 'cluster',
  help: "the cluster's telemetry instead of this machine's",
} as const satisfies Flag;

/** `kusk analytics`: whether telemetry is on, why, and how to change it. */
export const ANALYTICS_COMMANDS = [
  {
    name: 'analytics status',
    summary: 'Show whether telemetry is on, and which switch decided',
    description:
      'Of this machine, and of the cluster if it can be reached: since when, under which id, to which endpoint, what is pending, and how to change it.',
    flags: [...CLUSTER_FLAGS, OUTPUT_FLAG],
    examples: [
      { command: 'kusk analytics status', why: 'Of this machine and the current cluster' },
      { command: 'kusk analytics status -o json', why: 'For a program' },
    ],
    counted: false,
    isQuiet: true,
    load: () => import('./analytics-status.ts'),
  },
  {
    name: 'analytics enable',
    summary: 'Switch telemetry on, here or in a cluster',
    description:
      "Takes back kusk analytics disable. A switch that says off elsewhere, such as ANALYTICS_ENABLED=false, still wins.\n\nWith --cluster it also turns on what kusk itself installed off, if that has this kusk's version. Otherwise, as for an installation of Helm, it names the command that does. The opt-out is taken back last, so that it stays if anything fails. If no operator runs in the namespace, the exit code is as with kusk analytics disable --cluster.",
    flags: [CLUSTER, ...CLUSTER_FLAGS],
    examples: [
      { command: 'kusk analytics enable', why: 'For this machine' },
      { command: 'kusk analytics enable --cluster', why: 'For the current cluster' },
    ],
    counted: false,
    isQuiet: true,
    load: () => import('./analytics-enable.ts'),
  },
  {
    name: 'analytics disable',
    summary: 'Switch telemetry off for good, here or in a cluster',
    description:
      'What is pending is dropped. If telemetry was on, one last event says so, under random ids; it is tried once.\n\nWith --cluster it writes the ConfigMap kusk-gateway-opt-out, which every upgrade leaves alone. A running operator follows within a minute or two. Each namespace has its own switch; operators in others are named. It is off even if the account may not see what runs there. If no operator runs in the namespace, the exit code is 1 if one runs in another namespace, and 3 if the others cannot be looked into.',
    flags: [
      { name: 'no-report', help: 'send no last event either (this machine)' },
      CLUSTER,
      ...CLUSTER_FLAGS,
    ],
    examples: [
      { command: 'kusk analytics disable', why: 'For this machine' },
      { command: 'kusk analytics disable --no-report', why: 'Without a last event' },
      { command: 'kusk analytics disable --cluster', why: 'For the current cluster' },
    ],
    counted: false,
    isQuiet: true,
    load: () => import('./analytics-disable.ts'),
  },
  {
    name: 'analytics preview',
    summary: 'Print the events that would be sent, and send nothing',
    description:
      'Prints what is pending, then what a run of each command would add now: one event a line, exactly as it would leave. A request holds them as "batch", with the time as "sentAt" and the write key.',
    flags: [OUTPUT_FLAG],
    examples: [{ command: 'kusk analytics preview', why: 'Of this machine' }],
    counted: false,
    isQuiet: true,
    load: () => import('./analytics-preview.ts'),
  },
  {
    name: 'analytics log',
    summary: 'Print the last events that were sent',
    description:
      'One event a line, oldest first, exactly as it left. This machine keeps the newest 20 and those of the last 16 days; a cluster keeps the newest 20, in its ledger. If nothing was sent from the namespace and no operator runs there, the exit code is as with kusk analytics disable --cluster.',
    flags: [CLUSTER, ...CLUSTER_FLAGS, OUTPUT_FLAG],
    examples: [
      { command: 'kusk analytics log', why: 'Of this machine' },
      { command: 'kusk analytics log --cluster', why: 'Of the current cluster' },
    ],
    counted: false,
    isQuiet: true,
    load: () => import('./analytics-log.ts'),
  },
] as const satisfies readonly CommandSpec[];
