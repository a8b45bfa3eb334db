import { html } from 'hono/html';
import type { Markup } from '../../web/layout.ts';
import type { CommandView } from '../model/telemetry-view.ts';
import { visible, visibleText } from './visible-text.ts';

/** A colour with a meaning. The text beside it says the same. */
export type Tone = 'good' | 'bad' | 'waiting' | 'quiet';

/** Returns a short word as a coloured label. */
export function pill(text: string, tone: Tone): Markup {
  return html`<span class="pill ${tone}">${text}</span>`;
}

/** A row of a list of facts. */
export interface Fact {
  readonly name: string;
  readonly value: Markup | string;
}

/** Returns facts as a list of names and values. */
export function factList(facts: readonly Fact[]): Markup {
  return html`<dl class="details">
${facts.map(({ name, value }) => html`<div><dt>${name}</dt><dd>${value}</dd></div>\n`)}
</dl>`;
}

/** Returns commands to copy, each with what it does. */
export function commandList(commands: readonly CommandView[]): Markup {
  return html`${commands.map(({ title, command }) => html`<p class="command-title">${visible(title)}</p>${commandBlock(command, { label: title })}`)}`;
}

interface BlockOptions {
  readonly label: string;
}

/** Returns commands in a region that a keyboard can scroll. Lines break between words. */
export function commandBlock(text: string, { label }: BlockOptions): Markup {
  return block(lines(text, words), label);
}

/** As `commandBlock`, in a third of the bytes. Lines break anywhere. */
export function codeBlock(text: string, { label }: BlockOptions): Markup {
  return block(lines(text, visible), label);
}

function block(content: Markup, label: string): Markup {
  return html`<pre class="command" tabindex="0" role="region" aria-label="${visibleText(label)}"><code>${content}</code></pre>`;
}

/** Returns the exact body of an event, wrapped, with its length. */
export function bodyBlock(body: string, { label }: BlockOptions): Markup {
  return html`<pre class="body" tabindex="0" role="region" aria-label="${visibleText(label)}"><code>${visible(body)}</code></pre>
<p class="muted small">${Buffer.byteLength(body)} bytes</p>`;
}

/** Returns sentences as a list, or nothing. */
export function sentences(texts: readonly string[]): Markup {
  if (texts.length === 0) return html``;
  return html`<ul class="sentences">${texts.map((text) => html`<li>${visible(text)}</li>`)}</ul>`;
}

function lines(text: string, markup: (line: string) => Markup): Markup {
  return html`${text.split('\n').map((line, i) => html`${i === 0 ? '' : '\n'}${markup(line)}`)}`;
}

/** A browser breaks a line after a hyphen, also of `--cluster`. */
function words(line: string): Markup {
  const wordOf = (word: string) =>
    word.includes('-') ? html`<span class="word">${visible(word)}</span>` : visible(word);
  return html`${line.split(' ').map((word, i) => html`${i === 0 ? '' : ' '}${wordOf(word)}`)}`;
}
