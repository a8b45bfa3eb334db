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
/** The most texts of which a repeat is not shown: a plugin writes a few lines, and each can arrive by itself. */
const MAX_TEXTS = 50;

/**
 * Shows on a terminal what a plugin writes, in lines of their own. Control characters are escaped. A text that
 * is one of the last 50 is not shown again: the dashboard tries again and again.
 */
export function pluginOutput({ write, isTerminal }: Terminal): PluginOutput {
  let shown = '';
  const texts = new Set<string>();
  return {
    show(text) {
      const isRepeat = texts.delete(text);
      texts.add(text);
      if (isRepeat) return;
      const [oldest = ''] = texts;
      if (texts.size > MAX_TEXTS) texts.delete(oldest);
      shown = `${shown}${text}`.slice(-MAX_SHOWN);
      const lines = safeLines(text.replaceAll('\r\n', '\n').replace(/\n$/, ''));
      write(`${isTerminal ? CLEAR : ''}${lines}\n`);
    },
    hasShown: (text) => shown.includes(text),
  };
}
