import type { Kind, Sighting } from '../event.ts';
import { type ListOptions, listKind } from './list.ts';
import type { WatchMonitor, WatchSink } from './watch-sink.ts';

/** Receives one list in batches. Nothing of an incomplete list counts. */
export interface ListSink {
  readonly take: (sightings: readonly Sighting[]) => void;
  /** Ends the list. Resolves with whether it was accepted; if not, the caller lists again. */
  readonly complete: () => Promise<boolean>;
}

export interface ListIntoOptions extends Omit<ListOptions, 'onSightings'> {
  readonly monitor: WatchMonitor;
}

/** Lists until the sink accepts a list. Returns the resourceVersion of that list. */
export async function listAll(
  kind: Kind,
  options: ListIntoOptions & { readonly sink: WatchSink },
): Promise<string> {
  for (;;) {
    const listing = options.sink.listing(kind);
    const resourceVersion = await listInto(listing, kind, options);
    if (await listing.complete()) return resourceVersion;
  }
}

/** Lists once. Returns the resourceVersion of the list. */
export async function listInto(
  listing: ListSink,
  kind: Kind,
  options: ListIntoOptions,
): Promise<string> {
  return await listKind(kind, {
    ...options,
    onSightings(sightings) {
      listing.take(sightings);
      options.monitor.turned(kind);
    },
  });
}
