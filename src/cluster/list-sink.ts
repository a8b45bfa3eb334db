import type { Kind, Sighting } from '../event.ts';
import { type ListOptions, listKind } from './list.ts';
import type { Observer } from './watch-sink.ts';

/** Takes in a list, some resources at a time. Of a list that breaks off nothing counts. */
export interface ListSink {
  readonly take: (sightings: readonly Sighting[]) => void;
  /** That was all. Resolves with whether it was taken in; if not, the kind is to be listed again. */
  readonly complete: () => Promise<boolean>;
}

export interface ListIntoOptions extends Omit<ListOptions, 'onSightings'> {
  readonly observer: Observer;
}

/** Lists until all is taken in. Returns the moment of the last list. */
export async function listAll(kind: Kind, options: ListIntoOptions): Promise<string> {
  for (;;) {
    const sink = options.observer.listing(kind);
    const resourceVersion = await listInto(sink, kind, options);
    if (await sink.complete()) return resourceVersion;
  }
}

/** Lists once. Returns the moment of the list. */
export async function listInto(
  sink: ListSink,
  kind: Kind,
  options: ListIntoOptions,
): Promise<string> {
  return await listKind(kind, {
    ...options,
    onSightings(sightings) {
      sink.take(sightings);
      options.observer.turned(kind);
    },
  });
}
