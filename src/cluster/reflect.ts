import type { Kind } from '../event.ts';
import { backoff } from './backoff.ts';
import { hasStatus, KubeStatusError } from './errors.ts';
import type { ReflectOptions, RestartReason } from './observer.ts';
import { type Position, turn } from './turn.ts';

/**
 * Follows one kind until aborted: finds it, lists it where the ledger has no resourceVersion, and
 * watches it from there. Never gives up: whatever fails is tried again with backoff.
 */
export async function reflect(
  kind: Kind,
  options: ReflectOptions,
  signal: AbortSignal,
): Promise<void> {
  const { observer, time } = options;
  const retry = backoff(options.backoff);
  const position: Position = {
    path: undefined,
    resourceVersion: observer.start(kind),
    listedAt: time.steady(),
    fruitless: 0,
  };
  while (!signal.aborted) {
    observer.turned(kind);
    try {
      await turn(kind, { ...options, position, onStep: retry.succeeded }, signal);
      observer.restarted(kind, 'ended');
    } catch (error) {
      if (signal.aborted) return;
      observer.restarted(kind, restartReason(error));
      // A 410 and a 404 are answers, not failures: history was compacted, or the CRD is gone.
      if (!hasStatus(error, 404, 410)) observer.became(kind, 'failing', error);
      const pauseMs = Math.max(retry.failed(), retryAfterMs(error));
      await time.wait(pauseMs, signal).catch(() => undefined);
    }
  }
}

function restartReason(error: unknown): RestartReason {
  if (hasStatus(error, 410)) return 'expired';
  return hasStatus(error, 404) ? 'gone' : 'error';
}

function retryAfterMs(error: unknown): number {
  return error instanceof KubeStatusError ? (error.retryAfterMs ?? 0) : 0;
}
