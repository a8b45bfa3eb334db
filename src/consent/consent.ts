/** One place where somebody may have switched telemetry on or off. */
export interface Switch {
  /** As a person would look for it: `analytics.enabled in /etc/kusk-gateway/config.yaml`. */
  readonly name: string;
  /** What was found there. `undefined` means that it is absent. */
  readonly value: unknown;
  /** `true` if a truthy value switches telemetry off, as `DO_NOT_TRACK=1` does. */
  readonly inverted?: boolean;
  /** Why the value could not be read, as a sentence for the log. It counts as off. */
  readonly problem?: string;
}

/** Whether telemetry is on, and why. */
export interface Consent {
  readonly on: boolean;
  /** Who decided it, for the log. */
  readonly decidedBy: string;
  /** Values that could not be understood, each with what to write instead. They count as off. */
  readonly problems: readonly string[];
}

/** What a value says of telemetry. */
type Verdict = 'on' | 'off' | 'absent' | 'unclear';

const YES = ['true', '1', 'yes', 'y', 't', 'on'];
const NO = ['false', '0', 'no', 'n', 'f', 'off', 'null', '~', ''];

/**
 * Decides by all switches at once: the strictest wins, what can't be understood is off, and absent
 * everywhere means on.
 */
export function decideConsent(switches: readonly Switch[]): Consent {
  const verdicts = switches.map((one) => ({ ...one, verdict: verdictOf(one) }));
  const problems = verdicts.filter(({ verdict }) => verdict === 'unclear').map(problemOf);
  const off = verdicts.find(({ verdict }) => verdict === 'off');
  if (off) return { on: false, decidedBy: `${off.name} is ${shown(off.value)}`, problems };

  const unclear = verdicts.find(({ verdict }) => verdict === 'unclear');
  if (unclear) return { on: false, decidedBy: `${unclear.name} can't be understood`, problems };

  const on = verdicts.find(({ verdict }) => verdict === 'on');
  if (on) return { on: true, decidedBy: `${on.name} is ${shown(on.value)}`, problems };
  return { on: true, decidedBy: 'nobody has switched it off: on is the default', problems };
}

function verdictOf({ value, inverted = false, problem }: Switch): Verdict {
  if (problem !== undefined) return 'unclear';
  if (value === undefined) return 'absent';
  const verdict = plainVerdict(value);
  if (!inverted || verdict === 'unclear') return verdict;
  // DO_NOT_TRACK is a request not to be tracked; anything else in it is no request to be tracked.
  return verdict === 'on' ? 'off' : 'absent';
}

function plainVerdict(value: unknown): Verdict {
  if (typeof value === 'object' && value !== null) return 'unclear';
  const word = undressed(String(value)).toLowerCase();
  if (NO.includes(word)) return 'off';
  return YES.includes(word) ? 'on' : 'unclear';
}

/** Without the blanks and quotes around. Its time is linear: a file may hold a megabyte of blanks. */
function undressed(text: string): string {
  const [core = ''] = /[^\s'"](?:.*[^\s'"])?/s.exec(text) ?? [];
  return core;
}

function problemOf({ name, value, problem }: Switch): string {
  if (problem !== undefined) return problem;
  return `${name} is ${shown(value)}, which is neither true nor false: telemetry is off. Write true or false.`;
}

/** A value as it was written, cut to a length that suits a line of log. */
function shown(value: unknown): string {
  // What a file holds may be huge, and may even hold itself.
  if (typeof value === 'object' && value !== null) {
    return Array.isArray(value) ? 'a list' : 'a mapping';
  }
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
