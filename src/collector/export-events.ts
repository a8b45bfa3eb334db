import type { Store } from './store/store.ts';

export interface ExportOptions {
  /** The `seq` of the last event that was exported before. Empty for all. */
  readonly after: string;
  /** Resolves once the text is written. */
  readonly write: (text: string) => Promise<void>;
}

const PAGE = 5_000;

/** Writes the single events of a store as NDJSON. Resolves with how many. */
export async function exportEvents(
  store: Pick<Store, 'events'>,
  { after, write }: ExportOptions,
): Promise<number> {
  let place = after;
  let count = 0;
  for (;;) {
    const page = await store.events({ after: place, limit: PAGE });
    const last = page.at(-1);
    if (last === undefined) return count;
    await write(page.map((event) => `${JSON.stringify(event)}\n`).join(''));
    count += page.length;
    place = String(last.seq);
  }
}
