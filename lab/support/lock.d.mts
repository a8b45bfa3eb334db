export interface LockOptions {
  /** Called once, with the owner's process id, when the lock is held by somebody else. */
  readonly onWait?: (owner: number | undefined) => void;
  /** The owner to write into the lock; this process. */
  readonly pid?: number;
}

export function withLock<T>(file: string, options: LockOptions, work: () => Promise<T>): Promise<T>;
