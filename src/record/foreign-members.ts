/**
 * Members of the ledger that a newer version wrote and this version does not use. After a rollback they
 * are written back unchanged, so that the newer version can continue with them later.
 *
 * They belong to one consent, and are dropped when consent ends or begins.
 */
export interface Carried {
  /** Kinds that this version does not count, by name. */
  readonly kinds: Readonly<Record<string, unknown>>;
  /** Pending events that this version must not send, by name. */
  readonly pending: Readonly<Record<string, unknown>>;
}

export const NOTHING_CARRIED: Carried = { kinds: {}, pending: {} };

/**
 * The largest size of carried kinds and of carried pending events, each in bytes of JSON. The rest of
 * the ledger has at most 670,000 bytes, and a ConfigMap can hold 1 MiB.
 */
const CARRIED_BYTES = 131_072;

/** Returns the entries whose names are not `known`. Entries that exceed the size limit are dropped. */
export function carriedOf(
  entries: Readonly<Record<string, unknown>>,
  { known }: { readonly known: readonly string[] },
): Readonly<Record<string, unknown>> {
  let bytes = 0;
  const carried = Object.entries(entries).filter(([name, value]) => {
    if (known.includes(name)) return false;
    const size = Buffer.byteLength(JSON.stringify([name, value]));
    if (bytes + size > CARRIED_BYTES) return false;
    bytes += size;
    return true;
  });
  return Object.fromEntries(carried);
}
