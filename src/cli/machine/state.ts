import { join } from 'node:path';
import type { Switch } from '../../consent/consent.ts';
import { isHexId } from '../../record/machine-events.ts';
import { changedAt, codeOf, readSmallFile } from './files.ts';
import { findStateFolder, type StateFolder, type Surroundings } from './state-folder.ts';

/** The state of a machine as found. Anyone can have written these files. */
export interface MachineState {
  readonly folder: StateFolder;
  /** 64 hex digits. A `damaged` id is never replaced: telemetry is off until the person decides. */
  readonly id:
    | { readonly status: 'absent' | 'damaged' }
    | { readonly status: 'valid'; readonly value: string };
  /** When the notice was shown: ISO 8601 in UTC. `undefined` if it was not, or the file is damaged. */
  readonly noticeAt: string | undefined;
  /** What `kusk analytics disable` wrote. */
  readonly stored: Switch;
  /** When it was written, in milliseconds since the epoch. */
  readonly storedAtMs: number | undefined;
}

/** The most bytes that a file of the state has. A longer one is damaged, and is not read. */
const MAX_BYTES = 100;

const NOTHING = { id: { status: 'absent' }, noticeAt: undefined, storedAtMs: undefined } as const;

/** Reads the state of a machine. Changes nothing and does not throw. */
export function readMachineState(surroundings: Surroundings): MachineState {
  const folder = findStateFolder(surroundings);
  const { path } = folder;
  if (path === undefined || folder.status === 'absent') {
    return { ...NOTHING, folder, stored: { name: 'consent', value: undefined } };
  }
  // Another user's off counts too: with sudo, HOME can be that of the person who said it.
  const stored = readStored(join(path, 'consent'));
  if (folder.status === 'unusable') return { ...NOTHING, folder, stored };
  return {
    folder,
    id: readId(join(path, 'id')),
    noticeAt: readNotice(join(path, 'notice')),
    stored,
    storedAtMs: stored.value === undefined ? undefined : changedAt(join(path, 'consent')),
  };
}

function readStored(path: string): Switch {
  const name = `the file ${path}`;
  try {
    return { name, value: readSmallFile(path, MAX_BYTES) };
  } catch (error) {
    const problem = `${name} can't be read (${codeOf(error)}): telemetry is off. Run kusk analytics enable or disable.`;
    return { name, value: undefined, problem };
  }
}

function readId(path: string): MachineState['id'] {
  try {
    const value = readSmallFile(path, MAX_BYTES)?.trim();
    if (value === undefined) return { status: 'absent' };
    return isHexId(value) ? { status: 'valid', value } : { status: 'damaged' };
  } catch {
    return { status: 'damaged' };
  }
}

function readNotice(path: string): string | undefined {
  try {
    const ms = Date.parse(readSmallFile(path, MAX_BYTES)?.trim() ?? '');
    return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
  } catch {
    return undefined;
  }
}
