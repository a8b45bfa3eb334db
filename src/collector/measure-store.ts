import { HttpRefusal } from './http-refusal.ts';
import type { CollectorMetrics, StoreOperation } from './metrics.ts';
import { PlaceError, type Store, StoreUnavailable } from './store/store.ts';

export interface MeasureStoreOptions extends Pick<CollectorMetrics, 'onStoreCall'> {
  /** Returns milliseconds that never go backwards. */
  readonly steady: () => number;
}

/** Wraps a store so that the duration and the failures of its calls are counted. */
export function measureStore(store: Store, { steady, onStoreCall }: MeasureStoreOptions): Store {
  async function measure<Result>(operation: StoreOperation, call: () => Promise<Result>) {
    const startedAt = steady();
    const seconds = () => (steady() - startedAt) / 1000;
    try {
      const result = await call();
      onStoreCall({ operation, seconds: seconds() });
      return result;
    } catch (error) {
      onStoreCall({ operation, seconds: seconds(), failure: failureOf(error) });
      throw error;
    }
  }

  return {
    ...store,
    record: (...args) => measure('record', () => store.record(...args)),
    read: (work) => measure('read', () => store.read(work)),
    events: (page) => measure('read', () => store.events(page)),
    importEvents: (events) => measure('record', () => store.importEvents(events)),
    removeEvents: (options) => measure('remove', () => store.removeEvents(options)),
    check: () => measure('check', () => store.check()),
  };
}

/** A wrong query is found while the store is read. It is no failure of the store. */
function failureOf(error: unknown): 'unavailable' | 'failed' | undefined {
  if (error instanceof HttpRefusal || error instanceof PlaceError) return undefined;
  return error instanceof StoreUnavailable ? 'unavailable' : 'failed';
}
