import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Reply, Task } from './protocol.ts';

const SUPERVISOR = join(import.meta.dirname, 'supervisor.ts');

/** Our end of a supervisor process. What it runs and its folder end with it, and it ends with us. */
export interface Supervisor {
  /** A new folder that only this user can enter. */
  readonly folder: string;
  /** Starts a program that logs to `<name>.log` in the folder. */
  start(name: string, file: string, args: readonly string[]): Promise<void>;
  /** Sends a signal and resolves once the program has ended, immediately if it was not running. */
  stop(name: string, signal: NodeJS.Signals): Promise<void>;
  signal(name: string, signal: NodeJS.Signals): Promise<void>;
  isRunning(name: string): boolean;
  /** Resolves once no process and no file of it is left. */
  close(): Promise<void>;
}

interface Pending {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Starts a supervisor. It alone does not keep our process alive, only a request under way does. */
export async function supervise(): Promise<Supervisor> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', SUPERVISOR], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const folder = await firstWords(child);
  const running = new Set<string>();
  const pending = new Map<number, Pending>();
  let requests = 0;

  function hear(reply: Reply) {
    if ('gone' in reply) running.delete(reply.gone);
    if (!('id' in reply)) return;
    const request = pending.get(reply.id);
    pending.delete(reply.id);
    if (pending.size === 0) child.channel?.unref();
    if (reply.failure === undefined) request?.resolve();
    else request?.reject(new Error(reply.failure));
  }

  async function ask(task: Task): Promise<void> {
    if (!child.connected) throw new Error('The control plane is closed.');
    requests += 1;
    const id = requests;
    child.channel?.ref();
    await new Promise<void>((resolve, reject) => {
      pending.set(id, { resolve, reject });
      child.send({ id, task });
    });
  }

  /** Also when the supervisor itself was killed: its programs are of its process group. */
  async function cleanUp() {
    for (const { reject } of pending.values()) reject(new Error('The control plane has ended.'));
    pending.clear();
    running.clear();
    killGroup(child.pid);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async function start(name: string, file: string, args: readonly string[]) {
    running.add(name);
    await ask({ do: 'start', name, file, args: [...args] });
  }

  async function close() {
    child.ref();
    if (child.connected) child.disconnect();
    await ended;
  }

  child.on('message', hear);
  const ended = gone.then(cleanUp);
  child.unref();
  child.channel?.unref();
  return {
    folder,
    start,
    stop: (name, signal) => ask({ do: 'stop', name, signal }),
    signal: (name, signal) => ask({ do: 'signal', name, signal }),
    isRunning: (name) => running.has(name),
    close,
  };
}

async function firstWords(child: ChildProcess): Promise<string> {
  const failure = once(child, 'exit').then(([code]) => {
    throw new Error(`The control plane's supervisor ended immediately (${code}).`);
  });
  const [reply] = (await Promise.race([once(child, 'message'), failure])) as [{ folder: string }];
  return reply.folder;
}

function killGroup(pid: number | undefined) {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // The group is gone, as it should be.
  }
}
