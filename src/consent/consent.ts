/** One place in which telemetry may be switched on or off. */
export interface Switch {
  /** Where a user finds it: `analytics.enabled in /etc/kusk-gateway/config.yaml`. */
  readonly name: string;
  /** The value as found. `undefined` if it is absent. */
  readonly value: unknown;
  /** `true` if a truthy value switches telemetry off, as `DO_NOT_TRACK=1` does. */
  readonly inverted?: boolean;
  /** Set if any value means this, as any value of `CI` means off on a machine. */
  readonly means?: 'off';
  /** Why the value could not be read, as a sentence for the log. It counts as off. */
  readonly problem?: string;
}

/** Whether telemetry is on, and why. */
export interface Consent {
  readonly on: boolean;
  /** The switch that decided, for the log. */
  readonly decidedBy: string;
  /** Invalid values, each with what to write instead. They count as off. */
  readonly problems: readonly string[];
}

/** The meaning of one switch. */
export type SwitchMeaning = 'on' | 'off' | 'absent' | 'invalid';

const YES = ['true', '1', 'yes', 'y', 't', 'on'];
const NO = ['false', '0', 'no', 'n', 'f', 'off', 'null', '~', ''];

/**
 * Decides whether telemetry is on. The strictest switch wins, an invalid value is off, and telemetry
 * is on if all switches are absent.
 */
export function decideConsent(switches: readonly Switch[]): Consent {
  const problems = switches.filter((one) => meaningOf(one) === 'invalid').map(problemOf);
  const decider = decidingSwitch(switches);
  if (decider === undefined)
    return { on: true, decidedBy: 'default: no switch says off', problems };
  const meaning = meaningOf(decider);
  if (meaning === 'invalid') {
    return { on: false, decidedBy: `${decider.name} can't be understood`, problems };
  }
  return {
    on: meaning === 'on',
    decidedBy: `${decider.name} is ${quoted(decider.value)}`,
    problems,
  };
}

/** Returns the switch that decides; `undefined` if all are absent. */
export function decidingSwitch<One extends Switch>(switches: readonly One[]): One | undefined {
  const first = (meaning: SwitchMeaning) => switches.find((one) => meaningOf(one) === meaning);
  return first('off') ?? first('invalid') ?? first('on');
}

/** Returns whether a value says off, in any of the spellings. `undefined` does not. */
export function isOff(value: unknown): boolean {
  return value !== undefined && meaningOfValue(value) === 'off';
}

/** Returns whether a value says on, in any of the spellings. */
export function isOn(value: unknown): boolean {
  return value !== undefined && meaningOfValue(value) === 'on';
}

/** Returns what a switch says. */
export function meaningOf({ value, inverted = false, means, problem }: Switch): SwitchMeaning {
  if (problem !== undefined) return 'invalid';
  if (value === undefined) return 'absent';
  if (means !== undefined) return means;
  const meaning = meaningOfValue(value);
  if (!inverted || meaning === 'invalid') return meaning;
  // DO_NOT_TRACK can only switch telemetry off. DO_NOT_TRACK=0 does not switch it on.
  return meaning === 'on' ? 'off' : 'absent';
}

/** Describes a switch whose key is missing beside other keys. One of them may be misspelt. */
export function missingKey(name: string, [other = '']: readonly string[]): string {
  return `${name} is missing, but ${other.slice(0, 60)} is there: telemetry is off. Write the key enabled, or delete the ConfigMap.`;
}

function meaningOfValue(value: unknown): SwitchMeaning {
  if (typeof value === 'object' && value !== null) return 'invalid';
  const word = withoutQuotes(String(value)).toLowerCase();
  if (NO.includes(word)) return 'off';
  return YES.includes(word) ? 'on' : 'invalid';
}

/** Removes surrounding blanks and quotes, in linear time: a file may hold a megabyte of blanks. */
function withoutQuotes(text: string): string {
  const [core = ''] = /[^\s'"](?:.*[^\s'"])?/s.exec(text) ?? [];
  return core;
}

function problemOf({ name, value, problem }: Switch): string {
  if (problem !== undefined) return problem;
  return `${name} is ${quoted(value)}, which is neither true nor false: telemetry is off. Write true or false.`;
}

/** Formats a value for a log line, as it was written and not longer than about 40 characters. */
function quoted(value: unknown): string {
  // A list or mapping of a YAML file may be huge, or contain itself.
  if (typeof value === 'object' && value !== null) {
    return Array.isArray(value) ? 'a list' : 'a mapping';
  }
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
