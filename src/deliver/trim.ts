/** Blanks, line ends, the byte order mark, and zero-width spaces: what copying leaves behind. */
const EDGES = /^[\s\0\u200B\uFEFF]+|[\s\0\u200B\uFEFF]+$/g;

/**
 * Returns a key, token or address without what a file, a Secret or a shell has put around it: blanks,
 * the newline of `echo`, a byte order mark, and one pair of quotes.
 */
export function trimmed(text: string): string {
  const bare = text.replaceAll(EDGES, '');
  const quoted = /^(["'])(.*)\1$/s.exec(bare)?.[2];
  return quoted === undefined ? bare : quoted.replaceAll(EDGES, '');
}
