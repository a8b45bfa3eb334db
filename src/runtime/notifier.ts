export interface Notifier {
  /** Wakes all waiters. If nobody is waiting, the next `notified()` resolves immediately. */
  readonly notify: () => void;
  /** Discards a notification that had no waiter. */
  readonly reset: () => void;
  /** Resolves on the next notification, or when `signal` aborts. */
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
    notify,
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
