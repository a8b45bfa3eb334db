/** How values are written in the database. */

const HASH = /^[0-9a-f]{64}$/;

/** Returns the bytes of a hash, which take half the space. Any other id stays as it is. */
export function idColumn(id: string): Uint8Array | string {
  return HASH.test(id) ? hashColumn(id) : id;
}

export function idFrom(column: unknown): string {
  return column instanceof Uint8Array ? hashFrom(column) : String(column);
}

/** Returns the bytes of 64 hex digits. */
export function hashColumn(hash: string): Uint8Array {
  return Buffer.from(hash, 'hex');
}

export function hashFrom(column: Uint8Array): string {
  return Buffer.from(column.buffer, column.byteOffset, column.byteLength).toString('hex');
}
