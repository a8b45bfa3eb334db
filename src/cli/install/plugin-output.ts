import { safeLines } from '../output/safe-text.ts';
import type { Terminal } from '../output/terminal.ts';

/** What an exec plugin writes to stderr: a login's address, or why it fails. */
export interface PluginOutput {
  readonly show: (text: string) => void;
  /** Returns whether a text was shown already. */
  readonly hasShown: (text: string) => boolean;
}

/** Back to the first column, and delete to the end of the line: a spinner may stand there. */
const CLEAR = '\r\u001b[K';

/** The most characters that are remembered: the dashboard can run a plugin for days. */
const MAX_SHOWN = 10_000;

/**
 * Shows on a terminal what a plugin writes, in lines of their own. Control characters are escaped. A text that
 * is repeated is shown once: the dashboard tries again and again.
 */
export function pluginOutput({ write, isTerminal }: Terminal): PluginOutput {
  let shown = '';
  let last = '';
  return {
    show(text) {
      if (text === last) return;
      last = text;
      shown = `${shown}${text}`.slice(-MAX_SHOWN);
      const lines = safeLines(text.replaceAll('\r\n', '\n').replace(/\n$/, ''));
      write(`${isTerminal ? CLEAR : ''}${lines}\n`);
    },
    hasShown: (text) => shown.includes(text),
  };
}
