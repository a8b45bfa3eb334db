/**
 * What a newer version has put into the ledger and this one has no use for. After a rollback it is
 * kept as it is and written back, so that the newer version goes on with it when it returns.
 *
 * It belongs to one consent: when consent ends or begins, it is dropped.
 */
export interface Carried {
  /** Kinds that this version does not count, by name. */
  readonly kinds: Readonly<Record<string, unknown>>;
  /** What is pending under names that this version must not send, by name. */
  readonly pending: Readonly<Record<string, unknown>>;
}

export const NOTHING_CARRIED: Carried = { kinds: {}, pending: {} };

/**
 * How many bytes of JSON are carried of kinds and of what is pending, each. The ledger's own part
 * has at most 670,000 bytes of the 1 MiB that a ConfigMap may have.
 */
const CARRIED_BYTES = 131_072;

/** The entries that are not `known`. One that does not fit into the space that is left is dropped. */
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
