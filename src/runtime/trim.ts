/** Blanks, line ends, byte order marks and zero-width spaces, which copying can add. */
const EDGE = /[\s\0\u200B\uFEFF]/;

/**
 * Returns a key, token or address without the characters that a file, a Secret or a shell can add
 * around it: blanks, the newline of `echo`, a byte order mark, and one pair of quotes.
 */
export function trimmed(text: string): string {
  const bare = withoutEdges(text);
  const quoted = /^(["'])(.*)\1$/s.exec(bare)?.[2];
  return quoted === undefined ? bare : withoutEdges(quoted);
}

/** Takes linear time, unlike a regular expression with `$`: a file may hold a megabyte of blanks. */
function withoutEdges(text: string): string {
  const isEdge = (index: number) => EDGE.test(text[index] ?? '');
  let [start, end] = [0, text.length];
  while (start < end && isEdge(start)) start += 1;
  while (end > start && isEdge(end - 1)) end -= 1;
  return text.slice(start, end);
}
