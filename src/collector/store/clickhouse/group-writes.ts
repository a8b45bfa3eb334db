import type { Time } from '../../../runtime/time.ts';
import { StoreUnavailable } from '../store.ts';

export interface GroupWritesOptions<Item> {
  /** Writes a group. Called again only after it has settled. */
  readonly write: (items: readonly Item[]) => Promise<void>;
  /** Returns how many events an item has. */
  readonly size: (item: Item) => number;
  readonly time: Pick<Time, 'after'>;
}

/** How long the first item of a group waits for others, in milliseconds. */
const WINDOW_MS = 100;
/** The most events of a group that has more than one item. */
const MAX_GROUP = 20_000;
/** The most events that wait for the write before theirs. They take some tens of megabytes. */
const MAX_WAITING = 60_000;

interface Waiting<Item> {
  readonly item: Item;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Returns a function that adds an item to the next group. It settles as the write of its group does.
 *
 * What arrives during a write becomes the next group. So there is one write at a time, and the slower
 * the writes are, the larger are the groups, up to a limit. Rejects with a `StoreUnavailable` if too many
 * events wait already.
 */
export function groupWrites<Item>({
  write,
  size,
  time,
}: GroupWritesOptions<Item>): (item: Item) => Promise<void> {
  const waiting: Waiting<Item>[] = [];
  let events = 0;
  let isWriting = false;
  let cancel: (() => void) | undefined;

  /** A group that has as many events as it may have waits for no others. */
  function schedule(): void {
    if (isWriting || waiting.length === 0) return;
    if (events >= MAX_GROUP) void flush();
    else cancel ??= time.after(WINDOW_MS, () => void flush());
  }

  function nextGroup(): readonly Waiting<Item>[] {
    let [count, total] = [0, 0];
    for (const { item } of waiting) {
      if (count > 0 && total + size(item) > MAX_GROUP) break;
      count += 1;
      total += size(item);
    }
    events -= total;
    return waiting.splice(0, count);
  }

  async function flush(): Promise<void> {
    cancel?.();
    cancel = undefined;
    isWriting = true;
    const group = nextGroup();
    try {
      await write(group.map(({ item }) => item));
      for (const { resolve } of group) resolve();
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
    isWriting = false;
    schedule();
  }

  return async function add(item) {
    if (events + size(item) > MAX_WAITING) {
      throw new StoreUnavailable('Too many events wait for ClickHouse: send it again.');
    }
    events += size(item);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    waiting.push({ item, resolve, reject });
    schedule();
    await promise;
  };
}
