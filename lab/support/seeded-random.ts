/**
 * Random numbers in [0, 1) that are the same for the same seed (mulberry32), so that a failure can
 * be played again.
 */
export function dice(seed: number): () => number {
  let state = seed | 0;
  return function roll() {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One of the items, each as likely as any other. */
export function oneOf<Item>(items: readonly [Item, ...Item[]], roll: () => number): Item {
  return items[Math.floor(roll() * items.length)] ?? items[0];
}
