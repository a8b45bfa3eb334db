import { renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CLI_COMMANDS } from '../../event.ts';
import {
  type CountedCommand,
  dueEvents,
  expiredRecords,
  type MachineEvent,
  parseMachineEvent,
  type Recorded,
  type SentRecord,
} from '../../record/machine-events.ts';
import { changedAt, createFile, exists, namesIn, readSmallFile } from './files.ts';
import { createFolder } from './state-folder.ts';

/** A machine whose state folder is usable and has an id. */
export interface Machine {
  /** The path of the state folder. */
  readonly folder: string;
  readonly machineId: string;
}

/** What is in the spool: events of this run only, or also of an earlier one, whose sender did not send them. */
export type Pending = 'nothing' | 'of this run' | 'of earlier runs';

/** The most files in the spool. Further events are not counted. */
export const SPOOL_LIMIT = 100;

/** An event has about 350 bytes. A longer file is none. */
const MAX_BYTES = 2_000;
/** How old an invalid file must be before it is removed, in milliseconds: it can be half written. */
const HALF_WRITTEN_MS = 60_000;

const RECORD = /^[0-9a-f]{64}\.json$/;

/**
 * Puts the events of a command into the spool unless they are there or were sent. The file's name is the
 * lock: of parallel runs, one creates it.
 *
 * Returns what is pending. Throws if the spool can't be written.
 */
export function enqueue(
  machine: Machine,
  { command, at }: { readonly command: CountedCommand; readonly at: number },
): Pending {
  const { machineId } = machine;
  const { spool, sent } = usableFolders(machine);
  const due = dueEvents({ machineId, command, at }, recordedIn({ spool, sent }, machine));
  const added = due.filter((event) => add(event, { spool, sent }));
  const count = namesIn(spool, RECORD).length;
  if (count > SPOOL_LIMIT) {
    for (const { messageId } of added) rmSync(recordIn(spool, messageId), { force: true });
  }
  if (count === 0) return 'nothing';
  return count > added.length ? 'of earlier runs' : 'of this run';
}

/** Returns the events that a run of each command would add now. Changes nothing. */
export function nextEvents(
  machine: Machine,
  { at }: { readonly at: number },
): readonly MachineEvent[] {
  const { folder, machineId } = machine;
  const recorded = recordedIn(foldersOf(folder), machine);
  const events = CLI_COMMANDS.flatMap((command) => dueEvents({ machineId, command, at }, recorded));
  return [...new Map(events.map((event) => [event.messageId, event])).values()];
}

function recordedIn({ spool, sent }: Folders, machine: Machine): Recorded {
  return {
    // Records of a former id do not count. Usually the first one is of this id, so that one file is read.
    anySent: namesIn(sent, RECORD).some((name) => readRecord(join(sent, name), machine).event),
    // In this order: a record moves from the spool to `sent`.
    has: (id) => exists(recordIn(spool, id)) || exists(recordIn(sent, id)),
  };
}

/** Returns whether the event was added. */
function add(event: MachineEvent, { spool, sent }: Folders): boolean {
  const path = recordIn(spool, event.messageId);
  if (!createFile(path, JSON.stringify(event))) return false;
  // Another process can have sent it, and moved its record, since the spool was looked at.
  if (!exists(recordIn(sent, event.messageId))) return true;
  rmSync(path, { force: true });
  return false;
}

/** Returns the events in the spool, oldest first, without those that were sent. Removes what is no event. */
export function takePending(
  machine: Machine,
  { nowMs }: { readonly nowMs: number },
): readonly MachineEvent[] {
  const { spool, sent } = usableFolders(machine);
  const pending = readRecords(spool, machine).flatMap(({ messageId, event }) => {
    const path = recordIn(spool, messageId);
    const isSent = exists(recordIn(sent, messageId));
    if (event !== undefined && !isSent) return [event];
    if (isSent || isOld(path, nowMs)) rmSync(path, { force: true });
    return [];
  });
  return oldestFirst(pending);
}

/** Returns the events in the spool, oldest first. Changes nothing. */
export function pendingEvents(machine: Machine): readonly MachineEvent[] {
  return eventsIn(foldersOf(machine.folder).spool, machine);
}

/** Returns the events that were acknowledged and are still kept, oldest first. Changes nothing. */
export function sentEvents(machine: Machine): readonly MachineEvent[] {
  return eventsIn(foldersOf(machine.folder).sent, machine);
}

/** Moves the record of an acknowledged event from the spool to `sent`. */
export function acknowledge(machine: Machine, messageId: string): void {
  const { spool, sent } = usableFolders(machine);
  renameSync(recordIn(spool, messageId), recordIn(sent, messageId));
}

/** Removes the records of acknowledged events that are no longer kept. */
export function prune(machine: Machine, { nowMs }: { readonly nowMs: number }): void {
  const { sent } = usableFolders(machine);
  const records = readRecords(sent, machine).map(({ messageId, event }): SentRecord => {
    const at = event === undefined ? undefined : Date.parse(event.timestamp);
    return { messageId, at: at ?? changedAt(recordIn(sent, messageId)) };
  });
  for (const { messageId } of expiredRecords(records, nowMs)) {
    rmSync(recordIn(sent, messageId), { force: true });
  }
}

/** Removes everything that is pending. */
export function emptySpool(folder: string): void {
  const { spool } = foldersOf(folder);
  for (const name of namesIn(spool, RECORD)) rmSync(join(spool, name), { force: true });
}

interface Folders {
  readonly spool: string;
  readonly sent: string;
}

/** Returns the two folders, created if they are missing. `findStateFolder` has checked what exists. */
function usableFolders({ folder }: Machine): Folders {
  const folders = foldersOf(folder);
  for (const path of Object.values(folders)) createFolder(path);
  return folders;
}

function foldersOf(folder: string): Folders {
  return { spool: join(folder, 'spool'), sent: join(folder, 'sent') };
}

function recordIn(folder: string, messageId: string): string {
  return join(folder, `${messageId}.json`);
}

function eventsIn(folder: string, machine: Machine): readonly MachineEvent[] {
  return oldestFirst(readRecords(folder, machine).flatMap(({ event }) => event ?? []));
}

/** The install comes before a command of the same second. */
function oldestFirst(events: readonly MachineEvent[]): readonly MachineEvent[] {
  const rank = ({ properties }: MachineEvent) => (properties.event === 'install' ? 0 : 1);
  return [...events].sort(
    (a, b) => Date.parse(a.timestamp) - Date.parse(b.timestamp) || rank(a) - rank(b),
  );
}

/** Reads all records of a folder. `event` is `undefined` if the file holds no event of this machine. */
function readRecords(folder: string, machine: Machine) {
  return namesIn(folder, RECORD).map((name) => readRecord(join(folder, name), machine));
}

function readRecord(path: string, { machineId }: Machine) {
  const messageId = basename(path, '.json');
  return { messageId, event: parseMachineEvent(textOf(path), { machineId, messageId }) };
}

function textOf(path: string): string {
  try {
    return readSmallFile(path, MAX_BYTES) ?? '';
  } catch {
    return '';
  }
}

function isOld(path: string, nowMs: number): boolean {
  return Math.abs(nowMs - changedAt(path)) > HALF_WRITTEN_MS;
}
