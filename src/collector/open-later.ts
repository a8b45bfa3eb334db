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
}

/** So that the collector listens and its probes respond while the store is away at the start. */
export function openLater({ open, time, onAway, onBack }: OpenLaterOptions): OpenLater {
  let opened: Store | undefined;

  async function whenOpen(): Promise<Store> {
    if (opened === undefined) throw new StoreUnavailable('The store is away: send it again.');
    return opened;
  }

  return {
    store: {
      record: async (...args) => await (await whenOpen()).record(...args),
      read: async (work) => await (await whenOpen()).read(work),
      events: async (page) => await (await whenOpen()).events(page),
      importEvents: async (events) => await (await whenOpen()).importEvents(events),
      removeEvents: async (options) => await (await whenOpen()).removeEvents(options),
      check: async () => await (await whenOpen()).check(),
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
      if (wasAway) onBack();
      await aborted(signal);
    },
  };
}
