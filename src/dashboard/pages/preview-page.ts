import { html } from 'hono/html';
import type { Markup } from '../../web/layout.ts';
import type { PreviewView } from '../model/view.ts';
import { bodyOf } from './machine-panel.ts';
import type { PageFacts } from './page-facts.ts';
import { bodyBlock } from './page-parts.ts';
import { visible } from './visible-text.ts';

/** Returns the content of the page of every event that could leave. */
export function previewPage(facts: PageFacts): Markup {
  const { previews } = facts.view.payloads;
  return html`<h1>What could leave</h1>
<p class="muted">Every event of the catalogue, byte by byte. Kusk Gateway can send no other.</p>
${previews.map((preview) => previewPanel(preview, facts))}`;
}

function previewPanel({ entry, body, note }: PreviewView, { nextSession }: PageFacts): Markup {
  const { source, name, number, when, why, countedOncePer } = entry;
  const isSession = name === 'session';
  const exact = isSession ? bodyOf(nextSession) : body;
  const remark = isSession ? 'These are the random ids that the next session gets.' : note;
  return html`<section class="panel" data-key="${source}/${name}"><h2>${name} <span class="muted"><span class="word">${source},</span> number ${number}</span></h2>
<p>${plain(when)} ${why} Counted once per ${countedOncePer}.</p>
${bodyBlock(exact, { label: `The event ${name} of ${source}` })}
${remark === '' ? '' : html`<p class="muted small">${visible(remark)}</p>`}
</section>
`;
}

/** Code in the catalogue stands between backquotes. */
function plain(text: string): Markup {
  return html`${text.split('`').map((part, i) => (i % 2 === 0 ? part : html`<code>${part}</code>`))}`;
}
