import { join } from 'node:path';
import { decideConsent } from '../../consent/consent.ts';
import { machineSwitches } from '../../consent/machine.ts';
import type { CountedCommand } from '../../record/machine-events.ts';
import { publish } from './files.ts';
import { NOTICE, recordNotice, recordNoticeAgain } from './notice.ts';
import { enqueue, type Pending } from './spool.ts';
import { readStanding, type Standing, type StandingOptions } from './standing.ts';
import { readMachineState } from './state.ts';
import { createFolder, findStateFolder } from './state-folder.ts';

/** The last second that an endpoint accepts, since the epoch: RFC 3339 has years of four digits. */
const YEAR_9999 = 253_402_300_799;

export interface CountOptions extends StandingOptions {
  /** Returns milliseconds since the epoch. */
  readonly now: () => number;
  /** Returns 64 random hex digits. */
  readonly randomId: () => string;
  readonly stderr: { readonly isTerminal: boolean; readonly write: (text: string) => void };
}

/**
 * Counts a run of a command: shows the notice if nobody has seen it, else enqueues the command's events.
 * Writes nothing while telemetry is off.
 *
 * Returns what is pending, so that the sender has something to do. Does not throw: telemetry never breaks
 * a command.
 */
export function countCommand(command: CountedCommand, options: CountOptions): Pending {
  const standing = introduceTelemetry(options);
  try {
    return standing?.on === true ? record(command, standing, options) : 'nothing';
  } catch {
    // A full disk, a folder without rights: the event is not counted.
    return 'nothing';
  }
}

/**
 * Shows the notice if nobody has seen it. Writes nothing while telemetry is off.
 *
 * Returns whether telemetry is on, and why, as before that; `undefined` if a variable switches it off
 * or the notice can't be recorded. Does not throw.
 */
export function introduceTelemetry(options: CountOptions): Standing | undefined {
  // Most switches are variables, and this way an off costs no look at the disk.
  const absent = { name: 'consent', value: undefined };
  if (!decideConsent(machineSwitches(options.environment, absent)).on) return undefined;
  try {
    const standing = readStanding(options);
    if (standing.needsNotice) showNotice(standing, options);
    return standing;
  } catch {
    return undefined;
  }
}

function showNotice({ state }: Standing, options: CountOptions): void {
  const { stderr, now, randomId } = options;
  const { path } = state.folder;
  if (!stderr.isTerminal || path === undefined) return;
  createFolder(path);
  // What was created can be somebody else's by now.
  if (findStateFolder(options).status !== 'usable') return;
  ensureId(path, randomId);
  const notice = { folder: path, nowMs: now(), randomId };
  if (!recordNotice(notice)) {
    // Another run shows it, unless the record that is there is damaged.
    if (readMachineState(options).noticeAt !== undefined) return;
    recordNoticeAgain(notice);
  }
  stderr.write(NOTICE);
}

/** Returns what is pending. */
function record(command: CountedCommand, { state }: Standing, options: CountOptions): Pending {
  const { path } = state.folder;
  if (path === undefined) return 'nothing';
  const machineId = state.id.status === 'valid' ? state.id.value : newId(path, options);
  if (machineId === undefined) return 'nothing';
  const machine = { folder: path, machineId };
  const at = Math.floor(options.now() / 1000);
  return at <= YEAR_9999 ? enqueue(machine, { command, at }) : 'nothing';
}

/** Creates the machine's id, or returns the one that another run has created in the meantime. */
function newId(path: string, options: CountOptions): string | undefined {
  ensureId(path, options.randomId);
  const { id } = readMachineState(options);
  return id.status === 'valid' ? id.value : undefined;
}

function ensureId(path: string, randomId: () => string): void {
  publish(join(path, 'id'), { text: randomId(), aside: randomId() });
}
