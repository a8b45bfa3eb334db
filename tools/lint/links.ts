import { posix } from 'node:path';

const { dirname, join, normalize } = posix;

/** A Markdown file of the repository. */
export interface MarkdownFile {
  /** Its path, from the root of the repository. */
  readonly path: string;
  readonly text: string;
}

export interface LinkOptions {
  /** Returns whether the repository has a file or folder. */
  readonly exists: (path: string) => boolean;
}

/** An address with a scheme, as `https:` or `mailto:`. It is not followed: a check needs no network. */
const OUTSIDE = /^[a-z][a-z0-9+.-]*:/i;

/** An anchor of a line, or of some, in a source. */
const LINES = /^L\d+(-L\d+)?$/;

/** Underscores around a word, not within it. */
const EMPHASIS = /(?<![\p{L}\p{N}])_+|_+(?![\p{L}\p{N}])/gu;

/** A block of code. */
const FENCED = /^( *)(```+|~~~+)[\s\S]*?^ *\2 *$/gm;

/**
 * Returns a line for each relative link that leads nowhere: to a file that does not exist, or to a heading
 * that its page does not have.
 */
export function brokenLinks(
  files: readonly MarkdownFile[],
  { exists }: LinkOptions,
): readonly string[] {
  const anchorsByPath = new Map(files.map(({ path, text }) => [path, anchorsIn(text)]));
  return files.flatMap(({ path, text }) =>
    linksIn(text)
      .filter(({ target }) => !OUTSIDE.test(target))
      .flatMap(({ target, line }) => {
        const problem = problemOf(target, path);
        return problem === undefined ? [] : [`${path}:${line}: ${target}: ${problem}`];
      }),
  );

  function problemOf(target: string, from: string): string | undefined {
    const [file = '', anchor] = decodeURI(target).split('#');
    const path = file === '' ? from : normalize(join(dirname(from), file));
    if (!exists(path)) return 'no such file';
    if (anchor === undefined || LINES.test(anchor)) return undefined;
    return anchorsByPath.get(path)?.has(anchor) ? undefined : 'no such heading';
  }
}

/** Returns the text with spaces in the place of code, so that each line keeps its number. */
function withoutCode(text: string): string {
  const blank = (code: string) => code.replaceAll(/[^\n]/g, ' ');
  return text
    .replaceAll(FENCED, blank)
    .replaceAll(/<!--[\s\S]*?-->/g, blank)
    .replaceAll(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, blank);
}

function linksIn(text: string): readonly { readonly target: string; readonly line: number }[] {
  const prose = withoutCode(text);
  const links = [
    ...prose.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g),
    ...prose.matchAll(/^ {0,3}\[[^\]]+\]:\s*(\S+)/gm),
    ...prose.matchAll(/\b(?:href|src)="([^"]+)"/g),
  ];
  return links.map(({ 1: target = '', index }) => ({
    target,
    line: prose.slice(0, index).split('\n').length,
  }));
}

/**
 * Returns the anchors of a page: one for each heading, as GitHub names them.
 *
 * @see https://docs.github.com/en/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#section-links
 */
function anchorsIn(text: string): ReadonlySet<string> {
  const prose = text.replaceAll(FENCED, '');
  const anchors = new Set<string>();
  for (const [, heading = ''] of prose.matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const name = nameOf(heading);
    let repeat = 0;
    while (anchors.has(repeat === 0 ? name : `${name}-${repeat}`)) repeat += 1;
    anchors.add(repeat === 0 ? name : `${name}-${repeat}`);
  }
  for (const [, id = ''] of prose.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id);
  return anchors;
}

function nameOf(heading: string): string {
  return heading
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(EMPHASIS, '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');
}
