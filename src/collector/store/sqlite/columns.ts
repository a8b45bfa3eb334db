/** How values are written in the database. */

const HASH = /^[0-9a-f]{64}$/;

const HASH_BYTES = 32;

/** A hash is stored as its bytes, which take half the space. Any other id stays as it is. */
export function isHash(id: string): boolean {
  return HASH.test(id);
}

export function idFrom(column: unknown): string {
  return column instanceof Uint8Array ? hashFrom(column) : String(column);
}

/** Returns a function that returns the bytes of 64 hex digits, until it is called again. */
export function hashColumn(): (hash: string) => Uint8Array {
  const bytes = Buffer.alloc(HASH_BYTES);
  return (hash) => {
    bytes.write(hash, 'hex');
    return bytes;
  };
}

export function hashFrom(column: Uint8Array): string {
  return Buffer.from(column.buffer, column.byteOffset, column.byteLength).toString('hex');
}
