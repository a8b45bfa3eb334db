/**
 * Control characters, which a terminal acts on, and those that change the direction of text.
 *
 * C0, DEL and C1; line and paragraph separators; marks, embeddings, overrides and isolates of the
 * bidirectional algorithm.
 * @see https://trojansource.codes
 */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\p{Surrogate}/gu;

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Returns text of a cluster, a file or an argument so that a terminal shows it and does nothing else.
 *
 * Control characters are escaped as in JSON: `\u001b`. The result is one line.
 */
export function safeText(text: string): string {
  return text.replaceAll(UNSAFE, escaped);
}

/** As `safeText`, but keeps line breaks and returns several lines. */
export function safeLines(text: string): string {
  return text.split('\n').map(safeText).join('\n');
}

function escaped(character: string): string {
  return NAMED[character] ?? `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}
