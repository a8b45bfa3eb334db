/** What became of a group that was sent together. */
export interface Attempt<Item> {
  readonly accepted: number;
  /** Those that were refused for what they or their neighbours are. */
  readonly refused: readonly Refused<Item>[];
  /** Any other failure, which says nothing of the items. */
  readonly failure: unknown;
}

export interface Refused<Item> {
  readonly item: Item;
  readonly error: Error;
}

export interface BisectOptions<Item> {
  /** Sends a group. */
  readonly attempt: (items: readonly Item[]) => Promise<Attempt<Item>>;
  /** Waits between two attempts. */
  readonly pause: () => Promise<void>;
  readonly maxAttempts: number;
  /** No attempt begins after it was aborted. */
  readonly signal: AbortSignal;
}

export interface Pass<Item> {
  readonly accepted: number;
  /** How many items the largest group had that was accepted whole. */
  readonly largest: number;
  /** Those that were refused on their own. */
  readonly found: readonly Refused<Item>[];
  /** What ended the pass early. */
  readonly failure: unknown;
}

/** So many refused on their own and none accepted: whoever refuses them refuses everything. */
const ALL_REFUSED = 3;

/**
 * Sends items together and, if they are refused, in halves down to single ones, so that a few that
 * are refused for good do not keep the others. Of `n` items with `k` such it takes at most about
 * `2 k log2(n)` attempts.
 *
 * Later items are tried before earlier ones. Ends early at a failure that is no refusal, after
 * `maxAttempts`, and if everything seems to be refused; what was not decided then is in neither list.
 */
export async function bisect<Item>(
  items: readonly Item[],
  { attempt, pause, maxAttempts, signal }: BisectOptions<Item>,
): Promise<Pass<Item>> {
  const groups = [items];
  const found: Refused<Item>[] = [];
  let accepted = 0;
  let largest = 0;
  let failure: unknown;

  for (let attempts = 0; attempts < maxAttempts && hasMore(); attempts += 1) {
    if (attempts > 0) await pause();
    const group = signal.aborted ? undefined : groups.pop();
    if (group !== undefined) await send(group);
  }
  return { accepted, largest, found, failure };

  async function send(group: readonly Item[]): Promise<void> {
    const outcome = await attempt(group);
    accepted += outcome.accepted;
    if (outcome.accepted === group.length) largest = Math.max(largest, group.length);
    if (group.length === 1) found.push(...outcome.refused);
    else groups.push(...halvesOf(outcome.refused.map(({ item }) => item)));
    failure = outcome.failure;
  }

  function hasMore(): boolean {
    const seemsAllRefused = accepted === 0 && found.length >= ALL_REFUSED;
    return groups.length > 0 && failure === undefined && !seemsAllRefused && !signal.aborted;
  }
}

function halvesOf<Item>(items: readonly Item[]): (readonly Item[])[] {
  const middle = Math.floor(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)].filter(({ length }) => length > 0);
}
