import type { CommandSpec } from '../command.ts';
import { OUTPUT_FLAG } from '../flags.ts';

/** `kusk analytics`: whether telemetry is on, why, and how to change it. */
export const ANALYTICS_COMMANDS = [
  {
    name: 'analytics status',
    summary: 'Show whether telemetry is on, and which switch decided',
    flags: [OUTPUT_FLAG],
    examples: [
      { command: 'kusk analytics status', why: 'Of this machine' },
      { command: 'kusk analytics status -o json', why: 'For a program' },
    ],
    counted: false,
    load: () => import('./analytics-status.ts'),
  },
  {
    name: 'analytics enable',
    summary: 'Switch telemetry of this machine on',
    description:
      'Takes back kusk analytics disable. A switch that says off elsewhere, such as ANALYTICS_ENABLED=false, still wins.',
    flags: [],
    examples: [{ command: 'kusk analytics enable', why: 'For this machine' }],
    counted: false,
    load: () => import('./analytics-enable.ts'),
  },
  {
    name: 'analytics disable',
    summary: 'Switch telemetry of this machine off, for good',
    description:
      'What is pending is dropped. If telemetry was on, one last event says so, under random ids; it is tried once.',
    flags: [{ name: 'no-report', help: 'send no last event either' }],
    examples: [
      { command: 'kusk analytics disable', why: 'For this machine' },
      { command: 'kusk analytics disable --no-report', why: 'Without a last event' },
    ],
    counted: false,
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
    load: () => import('./analytics-preview.ts'),
  },
  {
    name: 'analytics log',
    summary: 'Print the last events that were sent',
    description:
      'One event a line, oldest first, exactly as it left. The newest 20 are kept, and those of the last 16 days.',
    flags: [OUTPUT_FLAG],
    examples: [{ command: 'kusk analytics log', why: 'Of this machine' }],
    counted: false,
    load: () => import('./analytics-log.ts'),
  },
] as const satisfies readonly CommandSpec[];
