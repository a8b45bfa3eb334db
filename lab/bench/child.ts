import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A program that says `start` and `ready` as lines of JSON. */
export interface Child extends AsyncDisposable {
  readonly process: ChildProcess;
  readonly pid: number;
  /** When it was executed, in milliseconds since the epoch. */
  readonly executedAt: number;
  /** Resolves once it is ready. Rejects if it ends before. */
  readonly ready: Promise<Ready>;
  /** Resolves with the moment at which it has seen an object, since the epoch, in milliseconds. */
  readonly seen: (uid: string) => Promise<number>;
}

/** Milliseconds since the epoch. */
export interface Ready {
  readonly startAt: number;
  readonly readyAt: number;
  readonly objects: number;
}

interface Said {
  readonly msg: string;
  readonly at: number;
  readonly objects: number;
  readonly uid?: string;
}

export function startChild(file: string, args: readonly string[]): Child {
  const executedAt = Date.now();
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const { promise: ready, resolve, reject } = Promise.withResolvers<Ready>();
  const sightings = new Map<string, PromiseWithResolvers<number>>();
  const sighting = (uid: string) => {
    const known = sightings.get(uid) ?? Promise.withResolvers<number>();
    sightings.set(uid, known);
    return known;
  };
  let startAt = executedAt;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { msg, at, objects, uid = '' } = JSON.parse(line) as Said;
    if (msg === 'added') sighting(uid).resolve(at);
    if (msg === 'start') startAt = at;
    if (msg === 'ready') resolve({ startAt, readyAt: at, objects });
  });
  ended.then(() => reject(new Error(`${file} has ended`)), reject);
  ready.catch(() => {});
  return {
    process: child,
    pid: child.pid ?? 0,
    executedAt,
    ready,
    seen: (uid) => sighting(uid).promise,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
