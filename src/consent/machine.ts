import { type Consent, decideConsent, isOff, isOn, type Switch } from './consent.ts';

/** Environment variables by name. */
type Variables = Readonly<Record<string, string | undefined>>;

/** Everything that decides whether anything leaves a machine. */
export interface MachineFacts {
  readonly variables: Variables;
  /** The machine's own switch, which `kusk analytics disable` sets. */
  readonly stored: Switch;
  /**
   * Why nothing can be sent, although no switch says off: a damaged id, a folder that can't be used, no
   * write key. Each is a sentence with what to do.
   */
  readonly obstacles: readonly string[];
  /** Whether a person has seen the notice. */
  readonly noticeSeen: boolean;
}

/** Whether events leave a machine, and why. */
export interface MachineConsent extends Consent {
  /** Whether telemetry is off only because nobody has seen the notice yet. */
  readonly needsNotice: boolean;
}

/**
 * Returns the switches of a machine. They also decide whether `kusk cluster install` installs an
 * operator with telemetry.
 *
 * A machine that runs jobs (`CI`) is off unless `ANALYTICS_ENABLED` is on.
 */
export function machineSwitches(variables: Variables, stored: Switch): readonly Switch[] {
  const { ANALYTICS_ENABLED: enabled, DO_NOT_TRACK: doNotTrack, CI: ci } = variables;
  const isJob = runsJobs(variables) && !isOn(enabled);
  return [
    { name: 'ANALYTICS_ENABLED', value: enabled },
    // An empty DO_NOT_TRACK is not set.
    { name: 'DO_NOT_TRACK', value: doNotTrack || undefined, inverted: true },
    ...(isJob ? [{ name: 'CI', value: ci, means: 'off' } as const] : []),
    stored,
  ];
}

/** Returns whether a machine runs jobs: any value of `CI`, such as `woodpecker`, says so, unless it says no. */
export function runsJobs({ CI: ci }: Variables): boolean {
  return ci !== undefined && !isOff(ci);
}

/**
 * Decides whether events leave a machine. The strictest wins: a switch that is off, then an obstacle,
 * then a notice that nobody has seen.
 */
export function decideMachineConsent(facts: MachineFacts): MachineConsent {
  const { variables, stored, obstacles, noticeSeen } = facts;
  const consent = decideConsent(machineSwitches(variables, stored));
  const [obstacle] = obstacles;
  if (!consent.on) return { ...consent, needsNotice: false };
  if (obstacle !== undefined) {
    return { on: false, decidedBy: obstacle, problems: obstacles, needsNotice: false };
  }
  if (noticeSeen) return { ...consent, needsNotice: false };
  const decidedBy = 'the notice about telemetry has not been shown at a terminal yet';
  return { on: false, decidedBy, problems: [], needsNotice: true };
}
