import type { Kind, Sighting } from '../event.ts';
import { type ListOptions, listKind } from './list.ts';
import type { WatchMonitor, WatchSink } from './watch-sink.ts';

/** Receives one list in batches. Nothing of an incomplete list counts. */
export interface ListSink<Item extends Sighting = Sighting> {
  readonly take: (items: readonly Item[]) => void;
  /** Ends the list. Resolves with whether it was accepted; if not, the caller lists again. */
  readonly complete: () => Promise<boolean>;
}

export interface ListIntoOptions<Item extends Sighting = Sighting>
  extends Omit<ListOptions<Item>, 'onItems'> {
  readonly monitor: WatchMonitor;
}

/** Lists until the sink accepts a list. Returns the resourceVersion of that list. */
export async function listAll<Item extends Sighting>(
  kind: Kind,
  options: ListIntoOptions<Item> & { readonly sink: WatchSink<Item> },
): Promise<string> {
  for (;;) {
    const listing = options.sink.listing(kind);
    const resourceVersion = await listInto(listing, kind, options);
    if (await listing.complete()) return resourceVersion;
  }
}

/** Lists once. Returns the resourceVersion of the list. */
export async function listInto<Item extends Sighting>(
  listing: ListSink<Item>,
  kind: Kind,
  options: ListIntoOptions<Item>,
): Promise<string> {
  return await listKind(kind, {
    ...options,
    onItems(items) {
      listing.take(items);
      options.monitor.turned(kind);
    },
  });
}
