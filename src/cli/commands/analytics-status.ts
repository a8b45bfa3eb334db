import type { RunCommand } from '../command.ts';
import { flagText } from '../flags.ts';
import { pendingOf } from '../machine/machine-of.ts';
import { readStanding, type Standing, type StandingOptions } from '../machine/standing.ts';
import { writeDocument } from '../output/documents.ts';
import { table } from '../output/table.ts';
import { wrapText } from '../output/wrap.ts';

/** `kusk analytics status`. */
export const run: RunCommand = async (context) => {
  const { flags, stdout } = context;
  const machine = machineStatus(context);
  await writeDocument(
    { machine },
    {
      format: flagText(flags, 'output'),
      terminal: stdout,
      text: () => statusText(machine, stdout),
    },
  );
  return 0;
};

/** `machine` in the document of `kusk analytics status -o json`. `null` is unknown or none. */
export interface MachineStatus {
  readonly telemetry: 'on' | 'off';
  readonly decidedBy: string;
  /** ISO 8601 in UTC. */
  readonly since: string | null;
  readonly id: string | null;
  /** Without user, password and query. */
  readonly endpoint: string | null;
  /** How many events are pending. */
  readonly pending: number;
  /** The path of the state folder. */
  readonly state: string | null;
  /** How to change it, as a sentence. */
  readonly change: string;
  /** Everything that is invalid, each with what to do. */
  readonly problems: readonly string[];
}

function machineStatus(options: StandingOptions): MachineStatus {
  const standing = readStanding(options);
  const { on, decidedBy, problems, since, endpoint, state } = standing;
  return {
    telemetry: on ? 'on' : 'off',
    decidedBy,
    since: since ?? null,
    id: state.id.status === 'valid' ? state.id.value : null,
    endpoint: endpoint ? `${endpoint.origin}${endpoint.pathname}` : null,
    pending: pendingOf(standing, options).length,
    state: state.folder.path ?? null,
    change: changeOf(standing),
    problems: problems.filter((problem) => problem !== decidedBy),
  };
}

function changeOf({ on, decidedBy, needsNotice, state }: Standing): string {
  if (on)
    return 'kusk analytics disable switches it off. So does ANALYTICS_ENABLED=false, or DO_NOT_TRACK=1.';
  if (needsNotice)
    return 'The next command that is counted shows the notice at a terminal. kusk analytics disable keeps telemetry off for good.';
  const isStored = decidedBy.startsWith(state.stored.name);
  if (isStored) return 'kusk analytics enable switches it on.';
  return 'kusk analytics disable keeps it off for good, whatever else changes.';
}

function statusText(machine: MachineStatus, { columns }: { readonly columns: number }): string {
  const { telemetry, decidedBy, since, id, endpoint, pending, state, change, problems } = machine;
  const rows: readonly (readonly [string, string | null])[] = [
    ['telemetry', telemetry],
    ['decided by', decidedBy],
    ['since', since],
    ['id', id ?? 'none yet'],
    ['endpoint', endpoint],
    ['pending', pending === 1 ? '1 event' : `${pending} events`],
    ['state', state],
    ...problems.map((problem) => ['problem', problem] as const),
  ];
  const known = rows.flatMap(([name, value]) => (value === null ? [] : [[name, value]]));
  return `This machine\n${table(known, { columns, indent: 2 })}\n\n${wrapText(change, { width: columns })}\n`;
}
