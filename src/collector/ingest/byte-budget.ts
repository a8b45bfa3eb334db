/** What one body holds of the budget. */
export interface Reservation {
  /**
   * Takes more bytes. Evicts other bodies if there are too few left; returns false if this body is
   * itself the first to go, or is gone already.
   */
  readonly grow: (bytes: number) => boolean;
  /** The body is complete: it can no longer be evicted. */
  readonly keep: () => void;
  /** Returns all bytes. May be called more than once. */
  readonly release: () => void;
}

export interface ReserveOptions {
  /** Whether the sender has shown a write key already. */
  readonly isKnown: boolean;
  /** Called once, when other bodies need the bytes. The bytes are already released. */
  readonly onEvict: () => void;
}

/** Bounds the bytes of all bodies together, however many requests they come from. */
export interface ByteBudget {
  readonly open: (options: ReserveOptions) => Reservation;
  /** Returns how many bytes are held. */
  readonly held: () => number;
}

interface Entry {
  bytes: number;
  readonly isKnown: boolean;
  readonly evict: () => void;
}

/**
 * Creates a budget of `maxBytes`.
 *
 * When it is used up, incomplete bodies go first: those without a write key before those with one,
 * and of each the oldest. So a sender that is quick gets through beside any number of slow ones.
 */
export function byteBudget({ maxBytes }: { readonly maxBytes: number }): ByteBudget {
  /** In the order in which they came. */
  const incomplete = new Set<Entry>();
  let held = 0;

  function firstToGo(): Entry | undefined {
    return incomplete.values().find(({ isKnown }) => !isKnown) ?? incomplete.values().next().value;
  }

  /** Returns false if there is nobody left to evict. */
  function makeRoom(bytes: number): boolean {
    while (held + bytes > maxBytes) {
      const entry = firstToGo();
      if (entry === undefined) return false;
      entry.evict();
    }
    return true;
  }

  function open({ isKnown, onEvict }: ReserveOptions): Reservation {
    let isOpen = true;

    function release(): void {
      if (!isOpen) return;
      isOpen = false;
      incomplete.delete(entry);
      held -= entry.bytes;
    }

    const entry: Entry = {
      bytes: 0,
      isKnown,
      evict() {
        release();
        onEvict();
      },
    };
    incomplete.add(entry);

    return {
      grow(bytes) {
        if (!makeRoom(bytes) || !isOpen) return false;
        entry.bytes += bytes;
        held += bytes;
        return true;
      },
      keep: () => void incomplete.delete(entry),
      release,
    };
  }

  return { open, held: () => held };
}
