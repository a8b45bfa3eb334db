import { StoreUnavailable } from '../store.ts';

export interface FullDiskOptions {
  /** Called when the disk is full, and with `undefined` when there is room again. */
  readonly onFull: (error: unknown) => void;
}

/** SQLITE_FULL, and SQLITE_IOERR_SHMSIZE for the file beside the log. */
const FULL_CODES = [13, 4874];

/** Returns a function that runs a write. It throws a `StoreUnavailable` if the disk is full. */
export function fullDiskReporter({ onFull }: FullDiskOptions): <T>(write: () => T) => T {
  let isFull = false;

  return function whileRoom(write) {
    try {
      const result = write();
      if (isFull) onFull(undefined);
      isFull = false;
      return result;
    } catch (error) {
      if (!isFullError(error)) throw error;
      if (!isFull) onFull(error);
      isFull = true;
      throw new StoreUnavailable('The disk is full: send it again.', { cause: error });
    }
  };
}

function isFullError(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && FULL_CODES.includes(Number(error.errcode));
}
