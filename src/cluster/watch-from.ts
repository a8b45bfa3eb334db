import type { Kind, Sighting } from '../event.ts';
import { isIdleTimeout, KubeStatusError } from './errors.ts';
import { isRevision } from './moment.ts';
import { applyBadWatch, applyWatch, isUnwatchable, type Position } from './position.ts';
import { type WatchStep, watchKind } from './watch.ts';
import type { ReflectOptions } from './watch-sink.ts';

export interface WatchFromOptions<Item extends Sighting = Sighting> extends ReflectOptions<Item> {
  readonly position: Position;
}

/** A watch that ends within this time without an event has failed, in milliseconds. */
const EMPTY_WATCH_MS = 1_000;

/** How a watch ended: closed by the server, or closed here after the idle timeout. */
export type WatchEnd = 'ended' | 'silent';

/**
 * Watches a kind from its position until the watch ends, and moves the position with it.
 *
 * Rejects with the errors of `watchKind`, and with a `KubeStatusError` 503 if the watch ended
 * immediately.
 */
export async function watchFrom<Item extends Sighting>(
  kind: Kind,
  options: WatchFromOptions<Item>,
  signal: AbortSignal,
): Promise<WatchEnd> {
  const { position, monitor, request, reader, time, idleTimeoutMs } = options;
  const openedAt = time.steady();
  const timeoutMs = options.watchMs * (1 + options.backoff.random());
  const steps = watchKind(kind, {
    request,
    reader,
    path: position.path ?? '',
    resourceVersion: position.resourceVersion ?? '',
    timeoutSeconds: Math.ceil(timeoutMs / 1000),
    idleTimeoutMs,
    time,
    signal,
    onOpen() {
      position.openedAt = time.steady();
      if (!isUnwatchable(position)) monitor.became(kind, 'watching');
    },
  });
  try {
    const empty = await consume(kind, steps, options);
    // Some servers end a watch from an expired resourceVersion immediately, without a 410.
    if (!empty || time.steady() - openedAt >= EMPTY_WATCH_MS) return 'ended';
  } catch (error) {
    // Without bookmarks every quiet watch ends like this. The next watch continues from here.
    if (!isIdleTimeout(error)) throw error;
    watched(kind, options);
    return 'silent';
  }
  applyBadWatch(position);
  throw new KubeStatusError(503, { reason: 'EndedImmediately' });
}

/** Passes the steps of a watch to the sink. Returns whether there were none. */
async function consume<Item extends Sighting>(
  kind: Kind,
  steps: AsyncIterable<WatchStep<Item>>,
  options: WatchFromOptions<Item>,
): Promise<boolean> {
  const { sink, monitor, position } = options;
  let empty = true;
  for await (const { created, modified, deleted, resourceVersion } of steps) {
    empty = false;
    if (created) await sink.added(created);
    if (modified) sink.modified?.(modified);
    if (deleted) await sink.deleted(deleted);
    watched(kind, options);
    monitor.turned(kind);
    if (!isRevision(resourceVersion)) continue;
    position.resourceVersion = resourceVersion;
    sink.progressed(kind, resourceVersion);
  }
  return empty;
}

type WatchedOptions = Pick<WatchFromOptions, 'monitor' | 'position'>;

/** Records that the kind can be watched: a watch has sent something, or was open for long. */
function watched(kind: Kind, { monitor, position }: WatchedOptions): void {
  if (isUnwatchable(position)) monitor.became(kind, 'watching');
  applyWatch(position);
}
