import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** A symbolic link is not followed, and a pipe is not waited for. Windows has neither flag. */
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Returns the `code` of a failed call of the system: `EACCES`. */
export function codeOf(error: unknown): string {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'unknown';
}

/**
 * Returns the text of a regular file, or `undefined` if there is none.
 *
 * @throws Error with a `code` if it can't be read, is no regular file, or has more than `maxBytes`.
 */
export function readSmallFile(path: string, maxBytes: number): string | undefined {
  let file: number;
  try {
    file = openSync(path, READ);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    if (!fstatSync(file).isFile()) throw withCode('EINVAL');
    const buffer = Buffer.alloc(maxBytes + 1);
    const length = readSync(file, buffer);
    if (length > maxBytes) throw withCode('EFBIG');
    return buffer.toString('utf8', 0, length);
  } finally {
    closeSync(file);
  }
}

export interface Draft {
  readonly text: string;
  /** A name that no other process uses. The file is written under it first. */
  readonly aside: string;
}

/**
 * Creates a file, complete or not at all. Returns `false` if the name is taken: of several processes,
 * one succeeds. The file has mode 0600.
 *
 * @throws Error with a `code` if it can't be written.
 */
export function publish(path: string, { text, aside }: Draft): boolean {
  const draft = join(dirname(path), `.${aside}`);
  if (!createFile(draft, text)) return false;
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    unlinkSync(draft);
  }
}

/**
 * Creates a file with mode 0600. Returns `false` if the name is taken: of several processes, one
 * succeeds. A process that is killed in here can leave an empty file.
 *
 * @throws Error with a `code` if it can't be written.
 */
export function createFile(path: string, text: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    // A umask can have removed the owner's rights.
    fchmodSync(file, 0o600);
    const bytes = Buffer.from(text);
    if (writeSync(file, bytes) !== bytes.length) throw withCode('ENOSPC');
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  return true;
}

/**
 * Writes a file, complete or not at all, in place of what has its name. A symbolic link is replaced, not
 * followed.
 *
 * @throws Error with a `code` if it can't be written.
 */
export function replaceFile(path: string, { text, aside }: Draft): void {
  const draft = join(dirname(path), `.${aside}`);
  createFile(draft, text);
  try {
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** Returns whether a name exists, whatever it stands for. */
export function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Returns when a file was last written, in milliseconds since the epoch, or 0 if there is none. */
export function changedAt(path: string): number {
  return lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/**
 * Returns the names in a folder that match, or none without a folder. `findStateFolder` has checked its
 * size.
 *
 * @throws Error with a `code` if the folder can't be read.
 */
export function namesIn(folder: string, pattern: RegExp): readonly string[] {
  if (!exists(folder)) return [];
  return readdirSync(folder).filter((name) => pattern.test(name));
}

function withCode(code: string): Error {
  return Object.assign(new Error(code), { code });
}
