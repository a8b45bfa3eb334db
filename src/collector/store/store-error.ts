/** The database cannot be used as it is. The message says which file and what to do about it. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}
