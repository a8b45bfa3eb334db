import { decideMachineConsent, type MachineConsent } from '../../consent/machine.ts';
import { parseEndpoint, parseWriteKey } from '../../deliver/endpoint-settings.ts';
import { type MachineState, readMachineState } from './state.ts';
import type { Surroundings } from './state-folder.ts';

export interface StandingOptions extends Surroundings {
  /** The write key that this program was built with. Empty if it has none. */
  readonly builtInWriteKey: string;
}

/** Whether telemetry of this machine is on, why, and everything that sending needs. */
export interface Standing extends MachineConsent {
  readonly state: MachineState;
  /** Since when it is on or off: ISO 8601 in UTC. `undefined` if a file does not say so. */
  readonly since: string | undefined;
  /** `undefined` if the setting is invalid. */
  readonly endpoint: URL | undefined;
  readonly writeKey: string | undefined;
}

/** Finds out whether telemetry of this machine is on. Changes nothing and does not throw. */
export function readStanding({ builtInWriteKey, ...surroundings }: StandingOptions): Standing {
  const { environment } = surroundings;
  const state = readMachineState(surroundings);
  const { ANALYTICS_ENDPOINT, ANALYTICS_WRITE_KEY = builtInWriteKey } = environment;
  const endpoint = attempt(() =>
    parseEndpoint({ name: 'ANALYTICS_ENDPOINT', value: ANALYTICS_ENDPOINT }),
  );
  const writeKey = attempt(() =>
    parseWriteKey({ name: 'ANALYTICS_WRITE_KEY', value: ANALYTICS_WRITE_KEY }),
  );
  const obstacles = [
    ...stateObstacles(state),
    ...endpoint.problems,
    ...writeKey.problems,
    ...(writeKey.value === undefined && writeKey.problems.length === 0 ? [NO_KEY] : []),
  ];
  const consent = decideMachineConsent({
    variables: environment,
    stored: state.stored,
    obstacles,
    noticeSeen: state.noticeAt !== undefined,
  });
  const since = sinceOf(consent, state);
  return { ...consent, state, since, endpoint: endpoint.value, writeKey: writeKey.value };
}

function sinceOf(
  { on, decidedBy }: MachineConsent,
  { noticeAt, stored, storedAtMs }: MachineState,
): string | undefined {
  if (on) return noticeAt;
  const isStored = storedAtMs !== undefined && decidedBy.startsWith(stored.name);
  return isStored ? new Date(storedAtMs).toISOString() : undefined;
}

const NO_KEY = 'there is no write key: set ANALYTICS_WRITE_KEY to send to an endpoint of yours';

/** Returns why the state of a machine can't be used. None if it can. */
export function stateObstacles({ folder, id }: MachineState): readonly string[] {
  if (folder.status === 'unusable') return [folder.problem];
  if (id.status !== 'damaged') return [];
  return [
    `the file id in ${folder.path} is damaged, and is not replaced: restore it, or delete it to count as a new machine`,
  ];
}

/** Returns what `parse` returns, or the message of its error. */
function attempt<Value>(parse: () => Value): {
  readonly value: Value | undefined;
  readonly problems: readonly string[];
} {
  try {
    return { value: parse(), problems: [] };
  } catch (error) {
    return { value: undefined, problems: [(error as Error).message] };
  }
}
