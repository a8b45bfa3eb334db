/** The outcome of one group. */
export interface Attempt<Item> {
  readonly accepted: number;
  /** Items that were refused because of their content or that of their group. */
  readonly refused: readonly Refused<Item>[];
  /** Any other failure, which is unrelated to the items. */
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
  /** No attempt starts after this aborts. */
  readonly signal: AbortSignal;
}

export interface Pass<Item> {
  readonly accepted: number;
  /** The size of the largest group that was accepted completely. */
  readonly largest: number;
  /** Items that were refused alone. */
  readonly found: readonly Refused<Item>[];
  /** The failure that ended the pass early. */
  readonly failure: unknown;
}

/** After this many single refusals and no acceptance, the endpoint is taken to refuse everything. */
const ALL_REFUSED = 3;

/**
 * Sends items together. A refused group is split into halves, down to single items, so that a few bad
 * items don't block the others. `k` bad items among `n` take at most about `2 k log2(n)` attempts.
 *
 * Later items are tried first. The pass ends early on a failure other than a refusal, after
 * `maxAttempts`, or if everything seems to be refused. Undecided items are then in neither result.
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
