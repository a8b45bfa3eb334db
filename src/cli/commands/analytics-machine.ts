import { messageOf } from '../../runtime/message-of.ts';
import { proxyFor } from '../../runtime/proxy-settings.ts';
import { pendingOf } from '../machine/machine-of.ts';
import { SPOOL_LIMIT } from '../machine/spool.ts';
import {
  readStanding,
  type Standing,
  type StandingOptions,
  stateObstacles,
} from '../machine/standing.ts';

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

/** Returns whether telemetry of this machine is on, why, and how to change it. */
export function machineStatus(options: StandingOptions): MachineStatus {
  const standing = readStanding(options);
  const { on, decidedBy, problems, since, endpoint, state } = standing;
  const pending = pendingOf(standing).length;
  const allProblems = new Set([
    ...problems,
    // A switch that says off comes before them, and they stand in the way of changing it.
    ...stateObstacles(state),
    ...(on ? proxyProblems(standing, options) : []),
    ...(on && pending >= SPOOL_LIMIT ? [FULL] : []),
  ]);
  return {
    telemetry: on ? 'on' : 'off',
    decidedBy,
    since: since ?? null,
    id: state.id.status === 'valid' ? state.id.value : null,
    endpoint: endpoint ? `${endpoint.origin}${endpoint.pathname}` : null,
    pending,
    state: state.folder.path ?? null,
    change: changeOf(standing),
    problems: [...allProblems].filter((problem) => problem !== decidedBy),
  };
}

const FULL =
  'the spool is full: commands are counted again once the endpoint has acknowledged what is pending';

function proxyProblems(
  { endpoint }: Standing,
  { environment }: StandingOptions,
): readonly string[] {
  try {
    if (endpoint) proxyFor(endpoint, environment);
    return [];
  } catch (error) {
    return [`${messageOf(error)}: until then, events stay pending`];
  }
}

function changeOf({ on, decidedBy, needsNotice, state }: Standing): string {
  if (on)
    return 'kusk analytics disable switches it off. So does ANALYTICS_ENABLED=false, or DO_NOT_TRACK=1.';
  if (needsNotice)
    return 'A command such as kusk version shows the notice at a terminal. kusk analytics disable keeps telemetry off for good.';
  if (state.folder.status === 'unusable')
    return 'ANALYTICS_ENABLED=false keeps telemetry off, whatever else changes. So does DO_NOT_TRACK=1.';
  if (decidedBy.startsWith(state.stored.name)) return 'kusk analytics enable switches it on.';
  return 'kusk analytics disable keeps it off for good, whatever else changes.';
}
