import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { decideConsent } from '../../consent/consent.ts';
import { exists, publish, replaceFile } from './files.ts';
import { recordNoticeAgain } from './notice.ts';
import { emptySpool } from './spool.ts';
import { readStanding, type Standing, type StandingOptions } from './standing.ts';
import type { MachineState } from './state.ts';
import { createFolder, findStateFolder } from './state-folder.ts';

export interface SwitchOptions extends StandingOptions {
  /** Returns milliseconds since the epoch. */
  readonly now: () => number;
  /** Returns 64 random hex digits, different ones in each call. */
  readonly randomId: () => string;
}

/**
 * Switches telemetry of this machine off for good, and drops what is pending. A switch that says off
 * already keeps its time.
 *
 * Returns whether this was a switch from on to off: of two runs at the same time, one returns `true`.
 *
 * @throws Error that says why it can't be written.
 */
export function switchOff(options: SwitchOptions): boolean {
  const { on, state } = readStanding(options);
  const path = writableFolder(options);
  const consent = join(path, 'consent');
  if (isStoredOff(state)) {
    emptySpool(path);
    return false;
  }
  const isFirst = publish(consent, { text: 'off', aside: options.randomId() });
  if (!isFirst) replaceFile(consent, { text: 'off', aside: options.randomId() });
  emptySpool(path);
  const wasWrittenOn = state.stored.value !== undefined;
  return on && (isFirst || wasWrittenOn);
}

export interface SwitchOnOptions extends SwitchOptions {
  /** Whether the person sees what the command prints when telemetry is on. It says what the notice says. */
  readonly isSeen: boolean;
}

/**
 * Removes this machine's own switch. What is on already keeps its time. If another switch still says off, the
 * person has seen no notice, so a first one is not recorded.
 *
 * Returns what is then in force. Throws an Error that says why it can't be written.
 */
export function switchOn({ isSeen, ...options }: SwitchOnOptions): Standing {
  if (readStanding(options).on) return withId(options);
  const isRemoved = removeStored(options);
  const standing = readStanding(options);
  const isBegun = standing.on || (standing.needsNotice && isSeen);
  // What is sent counts from now on, so the notice has a new date.
  if (isBegun || (isRemoved && standing.state.noticeAt !== undefined)) {
    const folder = writableFolder(options);
    recordNoticeAgain({ folder, nowMs: options.now(), randomId: options.randomId });
  }
  return isBegun ? withId(options) : standing;
}

function isStoredOff({ stored }: MachineState): boolean {
  const { on, problems } = decideConsent([stored]);
  return !on && problems.length === 0;
}

/** Returns whether there was a switch to remove. */
function removeStored(options: SwitchOptions): boolean {
  if (findStateFolder(options).status === 'absent') return false;
  const path = writableFolder(options);
  const consent = join(path, 'consent');
  if (!exists(consent)) return false;
  // A command that was already running when telemetry was switched off can have enqueued after that.
  emptySpool(path);
  rmSync(consent, { force: true });
  return true;
}

/** Creates the id if there is none. Returns what is in force. */
function withId(options: SwitchOptions): Standing {
  const id = join(writableFolder(options), 'id');
  publish(id, { text: options.randomId(), aside: options.randomId() });
  return readStanding(options);
}

function writableFolder(options: SwitchOptions): string {
  const found = findStateFolder(options);
  if (found.status === 'absent') createFolder(found.path);
  const folder = findStateFolder(options);
  if (folder.status === 'unusable') throw new Error(folder.problem);
  return folder.path;
}
