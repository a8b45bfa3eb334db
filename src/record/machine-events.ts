import { CLI_COMMANDS, type EventName, type Message, utcDay } from '../event.ts';
import { trackEvent } from './events.ts';

/** An event of a machine. The opt-out is not one: it has random ids and is never stored. */
export type MachineEvent = Message<'kusk-cli', MachineEventName>;
export type MachineEventName = Exclude<EventName<'kusk-cli'>, 'analytics-disabled'>;
/** A command that is counted. */
export type CountedCommand = (typeof CLI_COMMANDS)[number];

/** An event whose name is missing here is never sent. */
const NAMES: readonly MachineEventName[] = ['install', ...CLI_COMMANDS];

export interface MachineEventOptions {
  /** The machine's id: 64 lower-case hex digits. */
  readonly machineId: string;
  readonly name: MachineEventName;
  /** When the command ran, in whole seconds since the epoch. */
  readonly at: number;
}

/** Returns whether a text is the id of a machine or of a message: 64 lower-case hex digits. */
export function isHexId(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/**
 * Creates the message of the install, or of a command on the UTC day of `at`. The install of a machine
 * has one `messageId` for ever, and a command has another one each day.
 */
export function machineEvent({ machineId, name, at }: MachineEventOptions): MachineEvent {
  const subject = name === 'install' ? '' : utcDay(at * 1000);
  return trackEvent({ source: 'kusk-cli', anonymousId: machineId, name, subject, at });
}

/** What the state folder holds about a machine's earlier events. */
export interface Recorded {
  /** Whether the endpoint has acknowledged any event of this machine. */
  readonly anySent: boolean;
  /** Returns whether an event is pending or acknowledged. */
  readonly has: (messageId: string) => boolean;
}

/**
 * Returns the events that a run of a command adds: the install if it is due, then the command.
 *
 * The record of what was sent is bounded, so the install's own record can be gone. The install is
 * always pending before any command, so that anything acknowledged means that the install is recorded.
 */
export function dueEvents(
  {
    machineId,
    command,
    at,
  }: Omit<MachineEventOptions, 'name'> & { readonly command: CountedCommand },
  { anySent, has }: Recorded,
): readonly MachineEvent[] {
  const names: readonly MachineEventName[] = anySent ? [command] : ['install', command];
  return names
    .map((name) => machineEvent({ machineId, name, at }))
    .filter(({ messageId }) => !has(messageId));
}

/**
 * Reads an event that was stored. Returns `undefined` for any text that is not exactly an event of this
 * machine under this `messageId`, so that nothing else can leave.
 */
export function parseMachineEvent(
  text: string,
  { machineId, messageId }: { readonly machineId: string; readonly messageId: string },
): MachineEvent | undefined {
  const { properties, timestamp } = mapping(parsed(text));
  const name = NAMES.find((candidate) => candidate === mapping(properties).event);
  const at = Date.parse(typeof timestamp === 'string' ? timestamp : '') / 1000;
  if (name === undefined || !Number.isSafeInteger(at)) return undefined;
  const event = machineEvent({ machineId, name, at });
  return event.messageId === messageId && event.timestamp === timestamp ? event : undefined;
}

/** A record of an acknowledged event. */
export interface SentRecord {
  readonly messageId: string;
  /** When the command ran, in milliseconds since the epoch. */
  readonly at: number;
}

/** How many records are kept however old they are. */
export const SENT_KEPT = 20;
/**
 * How long every record is kept, in milliseconds: 16 days. A clock that is set back by less than this
 * meets the records of the days that it repeats.
 */
export const SENT_KEPT_MS = 16 * 24 * 60 * 60 * 1000;

/** Returns the records that are no longer kept. A record from the future is not old. */
export function expiredRecords(
  records: readonly SentRecord[],
  nowMs: number,
): readonly SentRecord[] {
  const newestFirst = [...records].sort((a, b) => b.at - a.at);
  return newestFirst.slice(SENT_KEPT).filter(({ at }) => at < nowMs - SENT_KEPT_MS);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function mapping(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
