import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { publish, replaceFile } from './files.ts';
import { recordNoticeAgain } from './notice.ts';
import { emptySpool } from './spool.ts';
import { readStanding, type Standing, type StandingOptions } from './standing.ts';
import { createFolder, findStateFolder } from './state-folder.ts';

export interface SwitchOptions extends StandingOptions {
  /** Returns milliseconds since the epoch. */
  readonly now: () => number;
  /** Returns 64 random hex digits, different ones in each call. */
  readonly randomId: () => string;
}

/**
 * Switches telemetry of this machine off for good, and drops what is pending.
 *
 * Returns whether this was a switch from on to off: of two runs at the same time, one returns `true`.
 *
 * @throws Error that says why it can't be written.
 */
export function switchOff(options: SwitchOptions): boolean {
  const { on, state } = readStanding(options);
  const path = writableFolder(options);
  const consent = join(path, 'consent');
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
 * Removes this machine's own switch. Another switch can still say off: then nothing is recorded.
 *
 * Returns what is then in force. Throws an Error that says why it can't be written.
 */
export function switchOn({ isSeen, ...options }: SwitchOnOptions): Standing {
  const isNew = findStateFolder(options).status === 'absent';
  if (!isNew) rmSync(join(writableFolder(options), 'consent'), { force: true });
  const standing = readStanding(options);
  if (!standing.on && !(standing.needsNotice && isSeen)) return standing;
  const folder = writableFolder(options);
  // What is sent counts from now on, so the notice has a new date.
  recordNoticeAgain({ folder, nowMs: options.now(), randomId: options.randomId });
  publish(join(folder, 'id'), { text: options.randomId(), aside: options.randomId() });
  return readStanding(options);
}

function writableFolder(options: SwitchOptions): string {
  const found = findStateFolder(options);
  if (found.status === 'absent') createFolder(found.path);
  const folder = findStateFolder(options);
  if (folder.status === 'unusable') throw new Error(folder.problem);
  return folder.path;
}
