/**
 * Runs the programs of one control plane on behalf of another process, in a folder of its own.
 *
 * It is a process and a session of its own, tied to its parent by the IPC channel alone: when the
 * channel closes, because the parent asked for it, exited, failed or was killed, the programs are
 * killed in the reverse order of their start, the folder is deleted, and the supervisor exits.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Reply, Request, Task } from './protocol.ts';

const KILL_AFTER_MS = 15_000;
/**
 * How far the heap of a Go program may grow before it is collected, in percent of what is alive. With
 * 100, Go's default, a fifth of an API server's start is garbage collection. With 400 it takes some
 * 120 MB more.
 *
 * @see https://go.dev/doc/gc-guide#GOGC
 */
const GOGC = '400';

const folder = mkdtempSync(join(tmpdir(), 'kusk-control-plane-'));
const running = new Map<string, ChildProcess>();

/** The parent may be gone at any moment: what it can no longer hear is not an error. */
function report(reply: Reply) {
  if (process.connected) process.send?.(reply, () => {});
}

function start({ name, file, args }: Extract<Task, { do: 'start' }>) {
  const log = openSync(join(folder, `${name}.log`), 'a', 0o600);
  const env = { PATH: process.env.PATH, HOME: folder, TMPDIR: folder, GOGC };
  const child = spawn(file, args, { cwd: folder, env, stdio: ['ignore', log, log] });
  running.set(name, child);
  child.once('error', () => forget(name, child));
  child.once('exit', () => forget(name, child));
}

function forget(name: string, child: ChildProcess) {
  if (running.get(name) !== child) return;
  running.delete(name);
  report({ gone: name });
}

/** Resolves once it is gone; one that does not obey is killed. */
async function stop(name: string, signal: NodeJS.Signals) {
  const child = running.get(name);
  if (child === undefined) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  // One that is paused would not hear it.
  child.kill('SIGCONT');
  const impatience = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
  await exit;
  clearTimeout(impatience);
}

async function perform(task: Task) {
  if (task.do === 'start') start(task);
  if (task.do === 'stop') await stop(task.name, task.signal);
  if (task.do === 'signal') running.get(task.name)?.kill(task.signal);
}

async function end() {
  for (const name of [...running.keys()].reverse()) await stop(name, 'SIGKILL');
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  process.exit(0);
}

process.on('message', async ({ id, task }: Request) => {
  const failure = await perform(task).then(
    () => undefined,
    (error: Error) => error.message,
  );
  report(failure === undefined ? { id } : { id, failure });
});
process.once('disconnect', end);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, end);
report({ folder });
