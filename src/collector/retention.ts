import { abortable } from '../runtime/abortable.ts';
import type { Run } from '../runtime/run.ts';
import type { Time } from '../runtime/time.ts';
import type { Log } from './app.ts';
import { type Store, StoreUnavailable } from './store/store.ts';

export interface RetentionOptions {
  readonly store: Pick<Store, 'removeEvents'>;
  /** How long single events are kept after their receipt, in days. */
  readonly keepDays: number;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
  readonly time: Pick<Time, 'now' | 'wait'>;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** How often it looks for old events. */
const EVERY_MS = 10 * 60 * 1000;
/** The pause after a step, in which batches are stored. */
const PAUSE_MS = 50;

/** Returns a `Run` that removes single events that are older than `keepDays`, in small steps. */
export function retention({ store, keepDays, log, time }: RetentionOptions): Run {
  async function sweep(signal: AbortSignal): Promise<void> {
    // Of whole days, so that ClickHouse rewrites its files once a day.
    const before = Math.floor(time.now() / DAY_MS - keepDays) * DAY_MS;
    let events = 0;
    for (;;) {
      // ClickHouse can take minutes. Every step can be cut and repeated.
      const removed = await abortable(store.removeEvents({ before }), { signal, discard() {} });
      events += removed;
      if (removed === 0 || signal.aborted) break;
      await time.wait(PAUSE_MS, signal);
    }
    if (events > 0) log.info({ events }, 'old events removed; their numbers stay');
  }

  function report(error: unknown): void {
    const isUnavailable = error instanceof StoreUnavailable;
    if (isUnavailable) log.warn({ err: error.cause ?? error }, 'old events cannot be removed now');
    else log.error({ err: error }, 'old events cannot be removed now');
  }

  return async function run(signal) {
    while (!signal.aborted) {
      try {
        await sweep(signal);
      } catch (error) {
        if (!signal.aborted) report(error);
      }
      await time.wait(EVERY_MS, signal).catch(() => {});
    }
  };
}
