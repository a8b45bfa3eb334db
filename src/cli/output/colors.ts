import type { Environment } from '../../runtime/environment.ts';
import type { Terminal } from './terminal.ts';

export interface ColorOptions {
  readonly environment: Environment;
  readonly isTerminal: boolean;
  /** Whether `--no-color` is given. */
  readonly noColor: boolean;
}

/**
 * Returns whether to colour the text. The flag wins over the variables, FORCE_COLOR over NO_COLOR.
 * @see https://no-color.org
 * @see https://nodejs.org/api/cli.html#force_color1-2-3
 */
export function wantsColors({ environment, isTerminal, noColor }: ColorOptions): boolean {
  if (noColor) return false;
  const { FORCE_COLOR: force, NO_COLOR: no, TERM: term } = environment;
  if (force !== undefined) return force !== '0' && force !== 'false';
  if (no !== undefined && no !== '') return false;
  return isTerminal && term !== 'dumb';
}

/**
 * The codes that begin and end a style. `styleText` of node:util does the same, and takes a tenth of
 * the start of this program to load.
 * @see https://en.wikipedia.org/wiki/ANSI_escape_code#Select_Graphic_Rendition_parameters
 */
const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

export type Style = keyof typeof CODES;

/** Returns the text in a style if the terminal has colours. */
export function styled(
  text: string,
  { style, terminal }: { readonly style: Style; readonly terminal: Pick<Terminal, 'colors'> },
): string {
  if (!terminal.colors) return text;
  const [begin, end] = CODES[style];
  return `\u001b[${begin}m${text}\u001b[${end}m`;
}
