/** The part of the budget that one body takes. */
export interface Reservation {
  /**
   * Takes more bytes, and evicts other bodies if too few are left.
   *
   * Returns false if this body is the first to evict, or is evicted already.
   */
  readonly grow: (bytes: number) => boolean;
  /** Marks the body as complete. It can no longer be evicted. */
  readonly complete: () => void;
  /** Returns all bytes. May be called more than once. */
  readonly release: () => void;
}

export interface ReserveOptions {
  /** Whether the header has a write key. */
  readonly isKnown: boolean;
  /** Called once if other bodies need the bytes. The bytes are already released. */
  readonly onEvict: () => void;
}

/** Limits the bytes that the bodies of all requests take together. */
export interface ByteBudget {
  readonly reserve: (options: ReserveOptions) => Reservation;
  /** Returns how many bytes are taken. */
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
 * When it is used up, incomplete bodies are evicted: first those without a write key, then those with
 * one, the oldest first. A fast sender is therefore served beside any number of slow ones.
 */
export function byteBudget({ maxBytes }: { readonly maxBytes: number }): ByteBudget {
  /** In the order of arrival. */
  const incomplete = new Set<Entry>();
  let held = 0;

  function nextToEvict(): Entry | undefined {
    return incomplete.values().find(({ isKnown }) => !isKnown) ?? incomplete.values().next().value;
  }

  /** Returns false if there is no body left to evict. */
  function freeBytes(bytes: number): boolean {
    while (held + bytes > maxBytes) {
      const entry = nextToEvict();
      if (entry === undefined) return false;
      entry.evict();
    }
    return true;
  }

  function reserve({ isKnown, onEvict }: ReserveOptions): Reservation {
    let isActive = true;

    function release(): void {
      if (!isActive) return;
      isActive = false;
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
        if (!freeBytes(bytes) || !isActive) return false;
        entry.bytes += bytes;
        held += bytes;
        return true;
      },
      complete: () => void incomplete.delete(entry),
      release,
    };
  }

  return { reserve, held: () => held };
}
