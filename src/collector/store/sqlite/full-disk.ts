import type { Time } from '../../../runtime/time.ts';
import { StoreUnavailable } from '../store.ts';

export interface FullDiskOptions {
  /** Called when the disk is full, and with `undefined` when there is room again. */
  readonly onFull: (error: unknown) => void;
  readonly time: Pick<Time, 'steady'>;
}

/**
 * How long no write must have failed until there is room again, in milliseconds. On a full disk small batches can still
 * find space that a large one has left in the log.
 */
const ROOM_AFTER_MS = 30_000;

/** SQLITE_FULL, and SQLITE_IOERR_SHMSIZE for the file beside the log. */
const FULL_CODES = [13, 4874];

/** Returns a function that runs a write. It throws a `StoreUnavailable` if the disk is full. */
export function fullDiskReporter({ onFull, time }: FullDiskOptions): <T>(write: () => T) => T {
  /** By `steady`. `undefined` while there is room. */
  let lastFullAt: number | undefined;

  function reportRoom(): void {
    if (lastFullAt === undefined || time.steady() < lastFullAt + ROOM_AFTER_MS) return;
    lastFullAt = undefined;
    onFull(undefined);
  }

  return function whileRoom(write) {
    try {
      const result = write();
      reportRoom();
      return result;
    } catch (error) {
      if (!isFullError(error)) throw error;
      if (lastFullAt === undefined) onFull(error);
      lastFullAt = time.steady();
      throw new StoreUnavailable('The disk is full: send it again.', { cause: error });
    }
  };
}

/** Returns whether an error means that the disk is full. */
export function isFullError(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && FULL_CODES.includes(Number(error.errcode));
}
