import type { Kind } from '../event.ts';
import type { KubeRequest } from './connect.ts';
import { hasStatus, isIdleTimeout, KubeStatusError } from './errors.ts';
import { listAll, listInto } from './list-sink.ts';
import { isAheadOfServer, isRevision } from './moment.ts';
import { applyError, applyList, type Position, resetPosition } from './position.ts';
import { type WatchStep, watchKind } from './watch.ts';
import type { ReflectOptions } from './watch-sink.ts';

export interface ListAndWatchOptions extends ReflectOptions {
  readonly position: Position;
}

/** How often to look for a kind while the API server settles after an outage, in milliseconds. */
const SETTLING_REDISCOVER_MS = 500;
/** How often to list where nothing can be watched, in milliseconds. */
const POLL_MS = 30_000;
/** A watch that ends empty within this time, in milliseconds, has led nowhere. */
const EMPTY_WATCH_MS = 1_000;

/** How a watch has ended: by the server, or given up because nothing came for too long. */
export type WatchEnd = 'ended' | 'silent';

/** One turn: finds the kind, lists it if needed, watches it until the watch ends. */
export async function listAndWatch(
  kind: Kind,
  given: ListAndWatchOptions,
  signal: AbortSignal,
): Promise<WatchEnd> {
  const { position, time, relistMs } = given;
  position.isListed = false;
  const options = { ...given, request: reportProgress(kind, given) };
  try {
    position.path ??= await findPath(kind, options, signal);
    await listAtConsent(kind, options, signal);
    await checkHistory(kind, options, signal);
    const stale = time.steady() - position.listedAt > relistMs;
    if (position.resourceVersion === undefined || stale) await list(kind, options, signal);
    if (position.resourceVersion === undefined) return await poll(kind, options, signal);
    return await watch(kind, options, signal);
  } catch (error) {
    applyError(position, error);
    throw error;
  }
}

/** Each response is progress: a list of many pages may take longer than a watch may stand still. */
function reportProgress(kind: Kind, { request, observer }: ListAndWatchOptions): KubeRequest {
  return async function progress(path, options) {
    const response = await request(path, options);
    observer.turned(kind);
    return response;
  };
}

/** Waits until the kind exists. An API server that has just started may not know of it yet. */
async function findPath(
  kind: Kind,
  options: ListAndWatchOptions,
  signal: AbortSignal,
): Promise<string> {
  const { discover, observer, time, recovery, rediscoverMs, position } = options;
  const since = time.steady();
  for (;;) {
    const path = (await discover(signal)).get(kind);
    if (path !== undefined) return path;
    if (time.steady() - since >= rediscoverMs) {
      observer.absent(kind);
      resetPosition(position);
    }
    observer.became(kind, 'missing');
    observer.turned(kind);
    await time.wait(recovery.isSettling() ? SETTLING_REDISCOVER_MS : rediscoverMs, signal);
  }
}

/**
 * Asks once what existed at the moment at which consent began. Where a server has forgotten that
 * moment, or knows of no such question, creation times must do.
 */
async function listAtConsent(
  kind: Kind,
  options: ListAndWatchOptions,
  signal: AbortSignal,
): Promise<void> {
  const { observer, position } = options;
  const at = observer.consentRevision(kind);
  if (at === undefined) return;
  const sink = observer.listedAtConsent(kind);
  try {
    await listInto(sink, kind, { ...options, path: position.path ?? '', at, signal });
    await sink.complete();
  } catch (error) {
    if (!hasStatus(error, 400, 410, 422, 504)) throw error;
  }
}

/** Forgets a moment that is not to come for long: the backup of a cluster was restored. */
async function checkHistory(
  kind: Kind,
  options: ListAndWatchOptions,
  signal: AbortSignal,
): Promise<void> {
  const { position, observer, request } = options;
  const { resourceVersion, path = '' } = position;
  if (resourceVersion === undefined) return;
  if (!(await isAheadOfServer(resourceVersion, { request, path, signal }))) return;
  position.resourceVersion = undefined;
  observer.restarted(kind, 'restored');
}

async function list(kind: Kind, options: ListAndWatchOptions, signal: AbortSignal): Promise<void> {
  const { position, observer, time } = options;
  const resourceVersion = await listAll(kind, { ...options, path: position.path ?? '', signal });
  if (!applyList(position, resourceVersion, time.steady())) return;
  observer.progressed(kind, position.resourceVersion);
}

/** Where lists are of no moment there is nothing to watch from: the kind is listed again and again. */
async function poll(kind: Kind, { observer, time }: ListAndWatchOptions, signal: AbortSignal) {
  observer.became(kind, 'watching');
  await time.wait(POLL_MS, signal);
  return 'ended' as const;
}

async function watch(
  kind: Kind,
  options: ListAndWatchOptions,
  signal: AbortSignal,
): Promise<WatchEnd> {
  const { position, observer, request, time, idleTimeoutMs } = options;
  const openedAt = time.steady();
  const timeoutMs = options.watchMs * (1 + options.backoff.random());
  const steps = watchKind(kind, {
    request,
    path: position.path ?? '',
    resourceVersion: position.resourceVersion ?? '',
    timeoutSeconds: Math.ceil(timeoutMs / 1000),
    idleTimeoutMs,
    time,
    signal,
    onOpen() {
      position.openedAt = time.steady();
      observer.became(kind, 'watching');
    },
  });
  try {
    const empty = await consume(kind, steps, options);
    // Some servers end the watch of a resourceVersion that is too old at once, without a 410.
    if (!empty || time.steady() - openedAt >= EMPTY_WATCH_MS) return 'ended';
  } catch (error) {
    // Without bookmarks every quiet watch ends so. It has missed nothing that the next will not see.
    if (isIdleTimeout(error)) return 'silent';
    throw error;
  }
  position.badWatches += 1;
  throw new KubeStatusError(503, { reason: 'EndedAtOnce' });
}

/** Takes in the steps of a watch. Returns whether there was none. */
async function consume(
  kind: Kind,
  steps: AsyncIterable<WatchStep>,
  { observer, position }: ListAndWatchOptions,
): Promise<boolean> {
  let empty = true;
  for await (const { created, deleted, resourceVersion } of steps) {
    empty = false;
    if (created) await observer.added(created);
    if (deleted) await observer.deleted(deleted);
    position.badWatches = 0;
    observer.turned(kind);
    if (!isRevision(resourceVersion)) continue;
    position.resourceVersion = resourceVersion;
    observer.progressed(kind, resourceVersion);
  }
  return empty;
}
