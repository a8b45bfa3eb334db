import {
  accessSync,
  chmodSync,
  constants,
  lstatSync,
  mkdirSync,
  type Stats,
  statSync,
} from 'node:fs';
import { dirname, join, posix, win32 } from 'node:path';
import type { Environment } from '../../runtime/environment.ts';
import { codeOf, exists } from './files.ts';

/** Where the state of a machine is looked for. */
export interface Surroundings {
  readonly environment: Environment;
  /** The home folder of the user. It may be empty. */
  readonly home: string;
  readonly platform: NodeJS.Platform;
  /** The effective user id, or `undefined` on Windows. */
  readonly uid: number | undefined;
}

/** Where programs keep their state below the home folder, unless a variable says otherwise. */
const STATE = '.local/state';
const BELOW_HOME: Partial<Record<NodeJS.Platform, string>> = {
  darwin: 'Library/Application Support',
};

/** The largest folder that is read, in bytes. It grows with its names, and a hundred take a few KB. */
const MAX_BYTES = 1_000_000;

/** The folders in the state folder. */
const FOLDERS = ['spool', 'sent'] as const;

/** The state folder as found. `problem` is a sentence with what to do. */
export type StateFolder =
  | { readonly status: 'usable' | 'absent'; readonly path: string }
  | { readonly status: 'unusable'; readonly path: string | undefined; readonly problem: string };

/**
 * Returns the path of the state folder, or `undefined` if nothing names an absolute one.
 *
 * @see https://specifications.freedesktop.org/basedir/latest/ (a relative path is invalid and ignored)
 */
export function statePath({ environment, home, platform }: Surroundings): string | undefined {
  const { isAbsolute, join } = platform === 'win32' ? win32 : posix;
  const { XDG_STATE_HOME: xdg = '', LOCALAPPDATA: appData = '' } = environment;
  const usual = platform === 'win32' ? appData : home && join(home, BELOW_HOME[platform] ?? STATE);
  const base = [xdg, usual].find((candidate) => isAbsolute(candidate));
  return base === undefined ? undefined : join(base, 'kusk');
}

/** Looks at the state folder. Changes nothing and does not throw. */
export function findStateFolder(surroundings: Surroundings): StateFolder {
  const path = statePath(surroundings);
  if (path === undefined) {
    const problem = 'there is no home folder: set HOME or XDG_STATE_HOME to an absolute path';
    return { status: 'unusable', path, problem };
  }
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    const problem =
      found === undefined
        ? problemAbove(path, surroundings)
        : (problemOf(path, found, surroundings) ?? problemInside(path, surroundings));
    if (problem !== undefined) return { status: 'unusable', path, problem };
    return { status: found === undefined ? 'absent' : 'usable', path };
  } catch (error) {
    return { status: 'unusable', path, problem: `${path} can't be read (${codeOf(error)})` };
  }
}

/**
 * Creates a folder with mode 0700, and those above it, unless it exists.
 *
 * @throws Error with a `code` if it can't be created.
 */
export function createFolder(path: string): void {
  if (exists(path)) return;
  // Not `recursive`: in /proc, Node would try for ever.
  createFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    return;
  }
  // A umask can have removed the owner's rights.
  chmodSync(path, 0o700);
}

/** Returns why a folder of ours can't be used, or `undefined`. */
export function problemOf(
  path: string,
  found: Stats,
  { uid }: Pick<Surroundings, 'uid'>,
): string | undefined {
  if (!found.isDirectory()) return `${path} is not a folder: move it away`;
  if (found.size > MAX_BYTES) return `${path} has too many files: delete it`;
  if (uid === undefined) return unwritable(path);
  if (found.uid !== uid)
    return `${path} belongs to another user: set XDG_STATE_HOME to a folder of yours`;
  if ((found.mode & 0o022) !== 0)
    return `${path} can be changed by other users: run chmod 700 on it`;
  return unwritable(path);
}

/** Returns why one of the folders in it can't be used, or `undefined`. */
function problemInside(path: string, surroundings: Surroundings): string | undefined {
  const inner = FOLDERS.map((name) => join(path, name));
  return inner.flatMap((one) => {
    const found = lstatSync(one, { throwIfNoEntry: false });
    return (found && problemOf(one, found, surroundings)) ?? [];
  })[0];
}

/**
 * Returns why no folder is created at a path, or `undefined`. With sudo, HOME can be another user's: a
 * folder of root in it would lock that user out. A home folder itself is never created.
 */
function problemAbove(path: string, { home, uid }: Surroundings): string | undefined {
  const isBelowHome = path.startsWith(home) && home !== '';
  if (isBelowHome && !exists(home)) return `the home folder ${home} does not exist`;
  const above = nearest(dirname(path));
  const { uid: owner } = statSync(above);
  if (uid === undefined || owner === uid || owner === 0) return unwritable(above);
  return `${path} does not exist, and its place belongs to another user: set XDG_STATE_HOME to a folder of yours`;
}

/** Returns the path of the folder that exists, of this one and those above it. */
function nearest(path: string): string {
  return statSync(path, { throwIfNoEntry: false }) ? path : nearest(dirname(path));
}

function unwritable(path: string): string | undefined {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return `${path} can't be written (${codeOf(error)}): set XDG_STATE_HOME to a folder of yours`;
  }
}
