import {
  linkSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 200;
const HEARTBEAT_MS = 2_000;
const SILENT_MS = 60_000;
const TAKEOVER_MS = 10_000;

/**
 * Runs `work` while no other process on this machine runs under the same lock file.
 *
 * The file holds the owner's process id and is touched while `work` runs. The lock of a process that
 * is gone, or that has been silent for a minute, is taken over.
 */
export async function withLock(file, { onWait = () => {}, pid = process.pid } = {}, work) {
  let waited = false;
  while (!claim(file, pid)) {
    if (!waited) onWait(readOwner(file));
    waited = true;
    if (isAbandoned(file)) takeOver(file);
    else await sleep(POLL_MS);
  }
  const heartbeat = setInterval(() => touch(file), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    if (readOwner(file) === pid) rmSync(file, { force: true });
  }
}

/** Linked rather than written in place, so that nobody ever reads a lock without its owner. */
function claim(file, pid) {
  const own = `${file}.${pid}`;
  writeFileSync(own, `${pid}\n`);
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

/** Only one of those who wait may remove the lock, else the second would remove the first one's. */
function takeOver(file) {
  const guard = `${file}.takeover`;
  if (ageMs(guard) > TAKEOVER_MS) rmdirSync(guard);
  try {
    mkdirSync(guard);
  } catch {
    return;
  }
  if (isAbandoned(file)) rmSync(file, { force: true });
  rmdirSync(guard);
}

function isAbandoned(file) {
  const owner = readOwner(file);
  return owner !== undefined && (!isAlive(owner) || ageMs(file) > SILENT_MS);
}

function readOwner(file) {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10);
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Milliseconds since the last touch; 0 for a file that is not there. */
function ageMs(file) {
  try {
    return Date.now() - statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}

function touch(file) {
  try {
    const now = new Date();
    utimesSync(file, now, now);
  } catch {
    // Gone: whoever took it over is at work, and what we do is written atomically.
  }
}
