const AT_ONCE = 20;

/** Runs a task for each item, twenty at a time by default. Returns the results in the order of the items. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  task: (item: Item) => Promise<Result>,
  { atOnce = AT_ONCE }: { readonly atOnce?: number } = {},
): Promise<Result[]> {
  const results: Result[] = [];
  const entries = items.entries();

  // All workers take from one iterator.
  async function work(): Promise<void> {
    for (const [index, item] of entries) results[index] = await task(item);
  }

  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}
