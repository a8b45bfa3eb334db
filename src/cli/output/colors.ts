import { styleText } from 'node:util';
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

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Returns the text in a style if the terminal has colours. */
export function styled(
  text: string,
  { style, terminal }: { readonly style: Style; readonly terminal: Pick<Terminal, 'colors'> },
): string {
  return terminal.colors ? styleText(style, text, { validateStream: false }) : text;
}
