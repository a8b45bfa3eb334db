import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Supervisor } from './supervise.ts';

const POLL_MS = 25;
const PATIENCE_MS = 60_000;

export interface WaitOptions {
  readonly supervisor: Supervisor;
  /** The program that is waited for. */
  readonly name: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Resolves once `isReady` says so; it may throw while it cannot know yet.
 *
 * Rejects, with the end of its log, when the program ends before that or a minute has passed.
 */
export async function waitUntil(
  isReady: () => Promise<boolean>,
  { supervisor, name, signal }: WaitOptions,
): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await isReady().catch(() => false))) {
    signal?.throwIfAborted();
    if (!supervisor.isRunning(name)) throw await startError(`${name} ended`, { supervisor, name });
    if (performance.now() > deadline) {
      throw await startError(`${name} is not ready after a minute`, { supervisor, name });
    }
    await sleep(POLL_MS);
  }
}

async function startError(what: string, { supervisor, name }: WaitOptions): Promise<Error> {
  const log = await readFile(join(supervisor.folder, `${name}.log`), 'utf8').catch(() => '');
  return new Error(`${what}. Its log ends with:\n${log.split('\n').slice(-20).join('\n')}`);
}
