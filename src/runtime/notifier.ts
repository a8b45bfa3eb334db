/** Lets its waiters pass each time that it is opened; opened with none waiting, it lets the next pass. */
export interface Notifier {
  readonly notify: () => void;
  /** Forgets that it was opened with none waiting. */
  readonly reset: () => void;
  /** Resolves when opened, or when aborted. */
  readonly notified: (signal: AbortSignal) => Promise<void>;
}

export function notifier(): Notifier {
  let waiting = Promise.withResolvers<void>();
  let latched = false;
  let count = 0;

  function notify(): void {
    if (count === 0) {
      latched = true;
      return;
    }
    waiting.resolve();
    waiting = Promise.withResolvers<void>();
    count = 0;
  }

  return {
    notify: notify,
    reset() {
      latched = false;
    },
    async notified(signal) {
      if (latched || signal.aborted) {
        latched = false;
        return;
      }
      count += 1;
      const { promise } = waiting;
      signal.addEventListener('abort', notify, { once: true });
      await promise;
      signal.removeEventListener('abort', notify);
    },
  };
}
