import type { Kind, Sighting } from '../event.ts';
import { backoff } from '../runtime/backoff.ts';
import type { Time } from '../runtime/time.ts';
import { hasStatus, isBrokenConnection } from './errors.ts';
import { listAndWatch } from './list-and-watch.ts';
import { isUnwatchable, type Position, positionAt } from './position.ts';
import { retryAfterMs, retryPause } from './retry-pause.ts';
import type { ReflectOptions, RestartReason } from './watch-sink.ts';

/** The backoff after watches that end early without an error. Milliseconds. */
const EARLY_END = { baseMs: 500, capMs: 5_000 } as const;
/** The shortest of these pauses. Milliseconds. */
const MIN_PAUSE_MS = 100;
/** A watch that has lasted this long is a success, however it ends. Milliseconds. */
const SETTLED_MS = 10_000;

/**
 * Follows one kind until aborted: finds it, lists it if the ledger has no resourceVersion, and
 * watches it from there. Never rejects: every failure is retried with backoff.
 */
export async function reflect<Item extends Sighting>(
  kind: Kind,
  options: ReflectOptions<Item>,
  signal: AbortSignal,
): Promise<void> {
  const { sink, monitor, time } = options;
  const position = positionAt(sink.start(kind), time.steady());
  const pause = pauses(position, options);
  while (!signal.aborted) {
    monitor.turned(kind);
    position.openedAt = undefined;
    try {
      monitor.restarted(kind, await listAndWatch(kind, { ...options, position }, signal));
      await pause.ended(signal);
    } catch (error) {
      if (signal.aborted) return;
      monitor.restarted(kind, restartReason(error));
      if (isFailure(error, { position, time })) monitor.became(kind, 'failing', error);
      monitor.turned(kind, retryAfterMs(error));
      await pause.failed(error, signal);
    }
  }
}

/** Creates the pauses between turns of one kind. A watch that has lasted resets both backoffs. */
function pauses(
  position: Position,
  options: Pick<ReflectOptions, 'time' | 'backoff' | 'recovery'>,
) {
  const { time } = options;
  const retry = retryPause(options);
  const earlyEnd = backoff({ ...options.backoff, ...EARLY_END });

  function resetIfLasted(): boolean {
    if (!hasLasted(position, time)) return false;
    retry.succeeded();
    earlyEnd.succeeded();
    return true;
  }

  async function ended(signal: AbortSignal): Promise<void> {
    if (resetIfLasted()) return;
    await time.wait(MIN_PAUSE_MS + earlyEnd.failed(), signal).catch(() => undefined);
  }

  /** The list after a 410 begins immediately, unless this turn has begun a list already. */
  async function expired(signal: AbortSignal): Promise<void> {
    if (position.isListed) await ended(signal);
  }

  return {
    ended,
    async failed(error: unknown, signal: AbortSignal): Promise<void> {
      const isPassing = hasStatus(error, 410) && !isUnwatchable(position);
      if (isPassing && retryAfterMs(error) === 0) return await expired(signal);
      resetIfLasted();
      await retry.failed(error, signal);
    },
  };
}

function hasLasted({ openedAt = Number.POSITIVE_INFINITY }: Position, time: Time): boolean {
  return time.steady() - openedAt >= SETTLED_MS;
}

/**
 * Returns whether an error is a failure. A 410 and a 404 are responses: history was compacted, or the
 * CRD is gone. A 410 after each list is a failure too. A watch that has lasted may lose its connection, as a
 * load balancer closes a quiet one: if the API server is away, the next turn fails.
 */
function isFailure(
  error: unknown,
  { position, time }: { position: Position; time: Time },
): boolean {
  if (isBrokenConnection(error) && hasLasted(position, time)) return false;
  return !hasStatus(error, 404, 410) || (hasStatus(error, 410) && isUnwatchable(position));
}

function restartReason(error: unknown): RestartReason {
  if (hasStatus(error, 410)) return 'expired';
  return hasStatus(error, 404) ? 'gone' : 'error';
}
