import type { Kind, Sighting } from '../event.ts';
import type { KubeRequest } from './connect.ts';
import { hasStatus } from './errors.ts';
import { listAll, listInto } from './list-sink.ts';
import { isAheadOfServer } from './moment.ts';
import { applyError, applyList, resetPosition } from './position.ts';
import { type WatchEnd, type WatchFromOptions, watchFrom } from './watch-from.ts';
import type { ReflectOptions } from './watch-sink.ts';

export type ListAndWatchOptions<Item extends Sighting = Sighting> = WatchFromOptions<Item>;

/** How often to look for a kind while the API server settles after an outage, in milliseconds. */
const SETTLING_REDISCOVER_MS = 500;
/** How often to list a kind that cannot be watched, in milliseconds. */
const POLL_MS = 30_000;

/**
 * Finds the path of the kind, lists the kind if needed, and watches it until the watch ends.
 *
 * Rejects with the first error, after applying it to `position`.
 */
export async function listAndWatch<Item extends Sighting>(
  kind: Kind,
  reflectOptions: ListAndWatchOptions<Item>,
  signal: AbortSignal,
): Promise<WatchEnd> {
  const { position, time, relistMs } = reflectOptions;
  position.isListed = false;
  const options = { ...reflectOptions, request: reportProgress(kind, reflectOptions) };
  try {
    position.path ??= await findPath(kind, options, signal);
    await listAtConsent(kind, options, signal);
    await checkHistory(kind, options, signal);
    const stale = time.steady() - position.listedAt > relistMs;
    if (position.resourceVersion === undefined || stale) await list(kind, options, signal);
    if (position.resourceVersion === undefined) return await poll(kind, options, signal);
    return await watchFrom(kind, options, signal);
  } catch (error) {
    applyError(position, error);
    throw error;
  }
}

/** Reports each response as progress: a long list may take more time than a watch may be idle. */
function reportProgress(
  kind: Kind,
  { request, monitor }: Pick<ReflectOptions, 'request' | 'monitor'>,
): KubeRequest {
  return async function progress(path, options) {
    const response = await request(path, options);
    monitor.turned(kind);
    return response;
  };
}

/** Waits until the kind exists. An API server that has just started may not serve it yet. */
async function findPath<Item extends Sighting>(
  kind: Kind,
  options: ListAndWatchOptions<Item>,
  signal: AbortSignal,
): Promise<string> {
  const { discover, sink, monitor, time, recovery, rediscoverMs, position } = options;
  let first: { readonly steady: number; readonly at: number } | undefined;
  for (;;) {
    const { paths, at } = await discover(signal);
    const path = paths.get(kind);
    if (path !== undefined) return path;
    first ??= { steady: time.steady(), at };
    if (time.steady() - first.steady >= rediscoverMs) {
      sink.absent(kind, first.at);
      resetPosition(position);
    }
    monitor.became(kind, 'missing');
    monitor.turned(kind);
    await time.wait(recovery.isSettling() ? SETTLING_REDISCOVER_MS : rediscoverMs, signal);
  }
}

/**
 * Lists once the resources that existed when consent began. If the server no longer has that
 * revision, or does not support the request, creation times decide instead.
 */
async function listAtConsent<Item extends Sighting>(
  kind: Kind,
  options: ListAndWatchOptions<Item>,
  signal: AbortSignal,
): Promise<void> {
  const { sink, position } = options;
  const at = sink.consentRevision(kind);
  if (at === undefined) return;
  const listing = sink.listedAtConsent(kind);
  try {
    await listInto(listing, kind, { ...options, path: position.path ?? '', at, signal });
    await listing.complete();
  } catch (error) {
    if (!hasStatus(error, 400, 410, 422, 504)) throw error;
  }
}

/** Drops a resourceVersion that the server has not reached: a backup was restored. */
async function checkHistory<Item extends Sighting>(
  kind: Kind,
  options: ListAndWatchOptions<Item>,
  signal: AbortSignal,
): Promise<void> {
  const { position, monitor, request } = options;
  const { resourceVersion, path = '' } = position;
  if (resourceVersion === undefined) return;
  if (!(await isAheadOfServer(resourceVersion, { request, path, signal }))) return;
  position.resourceVersion = undefined;
  monitor.restarted(kind, 'restored');
}

async function list<Item extends Sighting>(
  kind: Kind,
  options: ListAndWatchOptions<Item>,
  signal: AbortSignal,
): Promise<void> {
  const { position, sink, time } = options;
  position.isListed = true;
  const resourceVersion = await listAll(kind, { ...options, path: position.path ?? '', signal });
  if (!applyList(position, resourceVersion, time.steady())) return;
  sink.progressed(kind, position.resourceVersion);
}

/** Replaces the watch if lists have no usable resourceVersion: the kind is listed periodically. */
async function poll(
  kind: Kind,
  { monitor, time }: Pick<ReflectOptions, 'monitor' | 'time'>,
  signal: AbortSignal,
) {
  monitor.became(kind, 'watching');
  await time.wait(POLL_MS, signal);
  return 'ended' as const;
}
