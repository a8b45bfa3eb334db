import { html } from 'hono/html';
import type { Markup } from '../../web/layout.ts';

/**
 * Characters that are not seen, or that change how others are seen: control and format characters, of
 * which some turn the direction of text, separators of lines, and halves of surrogate pairs.
 *
 * @see https://trojansource.codes
 */
const UNSEEN = /([\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}])/u;

/**
 * Returns a text of a cluster so that each of its characters is seen: `\u202e` stands for a character
 * that is not. Its direction does not spread to the text around it.
 */
export function visible(text: string): Markup {
  // Every second part is what the pattern has found.
  const parts = text.split(UNSEEN);
  return html`<bdi>${parts.map((part, i) => (i % 2 === 0 ? part : html`<span class="unseen-character">${escaped(part)}</span>`))}</bdi>`;
}

/** Returns the same as plain text, for an attribute. */
export function visibleText(text: string): string {
  return text
    .split(UNSEEN)
    .map((part, i) => (i % 2 === 0 ? part : escaped(part)))
    .join('');
}

function escaped(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
}
