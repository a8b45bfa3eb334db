import { isLater } from '../event.ts';
import { hasStatus, type KubeStatusError, MalformedResponseError } from './errors.ts';
import { isRevision } from './moment.ts';

/** How far a kind's watch has come. Each turn changes it in place. */
export interface Position {
  /** The collection's path, once it was found. */
  path: string | undefined;
  /** Everything up to here was observed. `undefined` requires a list. */
  resourceVersion: string | undefined;
  listedAt: number;
  /** Whether this turn lists or has listed the kind. */
  isListed: boolean;
  /**
   * The oldest resourceVersion from which the server can still be watched, as named by its last
   * 410. Only a watch from there shows what was created and deleted before the list that follows
   * the 410.
   */
  oldest: string | undefined;
  /** When the server accepted this turn's watch, by the steady clock. */
  openedAt: number | undefined;
  /** How many watches in a row ended immediately or sent malformed data. */
  badWatches: number;
  /** How many watches in a row failed: bad ones, and those with a 410 although the kind was listed. */
  failedWatches: number;
}

/** After this many bad watches in a row the kind is listed again. */
const BAD_WATCH_LIMIT = 3;
/** After this many failed watches in a row the kind cannot be watched. */
const FAILED_WATCH_LIMIT = 3;

/** Creates a position at a resourceVersion, or one that requires a list if there is none. */
export function positionAt(resourceVersion: string | undefined, listedAt: number): Position {
  return {
    path: undefined,
    resourceVersion: isRevision(resourceVersion) ? resourceVersion : undefined,
    listedAt,
    isListed: false,
    oldest: undefined,
    openedAt: undefined,
    badWatches: 0,
    failedWatches: 0,
  };
}

/**
 * Returns whether the kind cannot be watched at present, although the server accepts its watches or
 * its lists. Only what a watch sends proves the contrary.
 */
export function isUnwatchable({ failedWatches }: Position): boolean {
  return failedWatches >= FAILED_WATCH_LIMIT;
}

/** Updates a position after a watch that has sent something, or that was open for long. */
export function applyWatch(position: Position): void {
  position.badWatches = 0;
  position.failedWatches = 0;
}

/** Updates a position after a watch that ended immediately or sent malformed data. */
export function applyBadWatch(position: Position): void {
  position.badWatches += 1;
  position.failedWatches += 1;
}

/** Clears the resourceVersion: the next turn lists. */
export function resetPosition(position: Position): void {
  position.resourceVersion = undefined;
  position.oldest = undefined;
}

/** Updates a position after an error: drops an invalid path or resourceVersion. */
export function applyError(position: Position, error: unknown): void {
  if (error instanceof MalformedResponseError) applyBadWatch(position);
  // The kind may be served in another version. The watch continues there.
  if (hasStatus(error, 404)) position.path = undefined;
  const isExpired = hasStatus(error, 410);
  if (isExpired) position.failedWatches = position.isListed ? position.failedWatches + 1 : 0;
  const oldest = isExpired ? oldestAfter(error as KubeStatusError, position) : position.oldest;
  if (!isExpired && position.badWatches < BAD_WATCH_LIMIT) return;
  resetPosition(position);
  position.oldest = oldest;
}

/** A 410 right after a list refuses the same resourceVersion that the previous 410 has named. */
function oldestAfter(
  { oldest }: KubeStatusError,
  { isListed, resourceVersion }: Position,
): string | undefined {
  if (isListed || resourceVersion === undefined || !isRevision(oldest)) return undefined;
  return isLater(oldest, resourceVersion) ? oldest : undefined;
}

/**
 * Updates a position after a complete list at this resourceVersion. Returns whether the watch must
 * begin at another resourceVersion than before.
 */
export function applyList(position: Position, resourceVersion: string, listedAt: number): boolean {
  const { resourceVersion: current, oldest = resourceVersion } = position;
  Object.assign(position, { listedAt, isListed: true, oldest: undefined, badWatches: 0 });
  // After a safety-net list the watch continues where it was, so that it skips nothing in between.
  // A resourceVersion later than the list is not part of this history (a restored etcd, an edited
  // ledger): a watch from there would be idle or refused for ever.
  if (current === resourceVersion) return false;
  if (current !== undefined && isLater(resourceVersion, current)) return false;
  const from = isLater(oldest, resourceVersion) ? resourceVersion : oldest;
  position.resourceVersion = isRevision(resourceVersion) ? from : undefined;
  return true;
}
