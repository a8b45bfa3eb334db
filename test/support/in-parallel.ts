const AT_ONCE = 20;

/** Does something with each item, twenty at a time. Gives the results in the order of the items. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  task: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const entries = items.entries();

  // All workers take from one iterator.
  async function work(): Promise<void> {
    for (const [index, item] of entries) results[index] = await task(item);
  }

  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results;
}
