/** Lets its waiters pass each time that it is opened; opened with none waiting, it lets the next pass. */
export interface Gate {
  readonly open: () => void;
  /** Forgets that it was opened with none waiting. */
  readonly shut: () => void;
  /** Resolves when opened, or when aborted. */
  readonly passed: (signal: AbortSignal) => Promise<void>;
}

export function gate(): Gate {
  let waiting = Promise.withResolvers<void>();
  let latched = false;
  let count = 0;

  function open(): void {
    if (count === 0) {
      latched = true;
      return;
    }
    waiting.resolve();
    waiting = Promise.withResolvers<void>();
    count = 0;
  }

  return {
    open,
    shut() {
      latched = false;
    },
    async passed(signal) {
      if (latched || signal.aborted) {
        latched = false;
        return;
      }
      count += 1;
      const { promise } = waiting;
      signal.addEventListener('abort', open, { once: true });
      await promise;
      signal.removeEventListener('abort', open);
    },
  };
}
