/** Blanks, line ends, byte order marks and zero-width spaces, which copying can add. */
const EDGES = /^[\s\0\u200B\uFEFF]+|[\s\0\u200B\uFEFF]+$/g;

/**
 * Returns a key, token or address without the characters that a file, a Secret or a shell can add
 * around it: blanks, the newline of `echo`, a byte order mark, and one pair of quotes.
 */
export function trimmed(text: string): string {
  const bare = text.replaceAll(EDGES, '');
  const quoted = /^(["'])(.*)\1$/s.exec(bare)?.[2];
  return quoted === undefined ? bare : quoted.replaceAll(EDGES, '');
}
