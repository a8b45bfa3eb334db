/** A command line that cannot be followed. The message says what to write instead. */
export class FlagError extends Error {
  override readonly name = 'FlagError';
}
