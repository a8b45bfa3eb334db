import { aborted, type Run } from '../runtime/run.ts';
import type { Time } from '../runtime/time.ts';
import { retryUnavailable } from './retry-unavailable.ts';
import { type Store, StoreUnavailable } from './store/store.ts';

export interface OpenLaterOptions {
  /** Rejects with a `StoreUnavailable` if the store does not respond. */
  readonly open: () => Promise<Store>;
  readonly time: Pick<Time, 'steady' | 'wait'>;
  /** Called once, if the store does not respond at first. */
  readonly onAway: (error: StoreUnavailable) => void;
  /** Called when it is open after that. */
  readonly onBack: () => void;
}

/** A store on another machine, and the part that opens it. */
export interface OpenLater {
  /** Every method but `checkProcess` and `close` rejects with a `StoreUnavailable` until the store is open. */
  readonly store: Store;
  /** Tries to open the store until it succeeds. Rejects if the store can't be used. */
  readonly run: Run;
  /** Wraps a part so that it begins when the store is open. */
  readonly whenOpen: (part: Run) => Run;
}

/** So that the collector listens and its probes respond while the store is away at the start. */
export function openLater({ open, time, onAway, onBack }: OpenLaterOptions): OpenLater {
  let opened: Store | undefined;
  const opening = Promise.withResolvers<void>();

  async function ifOpen(): Promise<Store> {
    if (opened === undefined) throw new StoreUnavailable('The store is away: send it again.');
    return opened;
  }

  return {
    store: {
      record: async (...args) => await (await ifOpen()).record(...args),
      read: async (work) => await (await ifOpen()).read(work),
      events: async (page) => await (await ifOpen()).events(page),
      importEvents: async (events) => await (await ifOpen()).importEvents(events),
      removeEvents: async (options) => await (await ifOpen()).removeEvents(options),
      check: async () => await (await ifOpen()).check(),
      checkProcess: async () => await opened?.checkProcess(),
      close: async () => await opened?.close(),
    },
    async run(signal) {
      let wasAway = false;
      const onRetry = (error: StoreUnavailable) => {
        wasAway = true;
        onAway(error);
      };
      try {
        opened = await retryUnavailable(open, { time, signal, onRetry, forMs: Infinity });
      } catch (error) {
        if (signal.aborted) return;
        throw error;
      }
      opening.resolve();
      if (wasAway) onBack();
      await aborted(signal);
    },
    whenOpen: (part) => async (signal) => {
      await Promise.race([opening.promise, aborted(signal)]);
      if (!signal.aborted) await part(signal);
    },
  };
}
