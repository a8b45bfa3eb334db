export interface WrapOptions {
  /** In characters. A word that is longer stands in a line of its own. */
  readonly width: number;
}

/** Returns the lines of one paragraph. */
export function wrap(paragraph: string, { width }: WrapOptions): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= width || line === '') line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/** Wraps each line of a text by itself. */
export function wrapText(text: string, { width }: WrapOptions): string {
  return text
    .split('\n')
    .flatMap((line) => wrap(line, { width }))
    .join('\n');
}

/** As `wrapText`, but lines that begin with a blank stay: a command that is copied must be one line. */
export function wrapSentences(text: string, { width }: WrapOptions): string {
  return text
    .split('\n')
    .flatMap((line) => (line.startsWith(' ') ? [line] : wrap(line, { width })))
    .join('\n');
}
