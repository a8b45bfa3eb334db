import type { Time } from '../../../runtime/time.ts';

export interface GroupWritesOptions<Item> {
  /** Writes a group. Called again only after it has settled. */
  readonly write: (items: readonly Item[]) => Promise<void>;
  readonly time: Pick<Time, 'after'>;
}

/** How long the first item of a group waits for others, in milliseconds. */
const WINDOW_MS = 100;

/**
 * Returns a function that adds an item to the next group. It settles as the write of its group does.
 *
 * What arrives during a write becomes the next group. So there is one write at a time, and the slower
 * the writes are, the larger are the groups.
 */
export function groupWrites<Item>({
  write,
  time,
}: GroupWritesOptions<Item>): (item: Item) => Promise<void> {
  let items: Item[] = [];
  let group = Promise.withResolvers<void>();
  let isScheduled = false;
  let isWriting = false;

  function schedule(): void {
    if (isScheduled || isWriting || items.length === 0) return;
    isScheduled = true;
    time.after(WINDOW_MS, () => void flush());
  }

  async function flush(): Promise<void> {
    isScheduled = false;
    isWriting = true;
    const [written, { resolve, reject }] = [items, group];
    items = [];
    group = Promise.withResolvers<void>();
    await write(written).then(resolve, reject);
    isWriting = false;
    schedule();
  }

  return function add(item) {
    items.push(item);
    schedule();
    return group.promise;
  };
}
