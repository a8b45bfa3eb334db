import { html } from 'hono/html';
import { catalogued } from '../../event.ts';
import type { Payload } from '../../record/ledger.ts';
import type { Markup } from '../../web/layout.ts';
import type { SentView } from '../model/view.ts';
import { moment } from './moments.ts';
import type { PageFacts } from './page-facts.ts';
import { bodyBlock, commandBlock } from './page-parts.ts';
import { saysAll } from './says-all.ts';
import { visible } from './visible-text.ts';

/** Returns the content of the page of all payloads in the ledger, the newest first. */
export function sentPage({ view, nowMs }: PageFacts): Markup {
  const { sent } = view.payloads;
  const { ledger } = view.telemetry;
  return html`<h1>Sent by the cluster</h1>
<p class="muted">Every payload in the ledger, the newest first, byte by byte as it left. The ledger keeps the last 20.</p>
${ledger.message === '' ? '' : html`<section class="panel notice warning"><p>${visible(ledger.message)}</p></section>`}
${sent.length === 0 && saysAll(view.telemetry) ? html`<section class="panel"><p>The ledger has no payload.</p></section>` : ''}
${sent.map((one, i) => sentPanel(one, { nth: sent.length - i, nowMs }))}
<section class="panel"><h2>The same in a terminal</h2>${commandBlock(`kusk analytics log --cluster${view.cluster.flags.kusk}`, { label: 'Command' })}</section>`;
}

interface PanelOptions {
  readonly nth: number;
  readonly nowMs: number;
}

function sentPanel({ payload, body }: SentView, { nth, nowMs }: PanelOptions): Markup {
  const { source, name, timestamp, id } = membersOf(payload);
  const entry = catalogued(source, name);
  return html`<section class="panel" data-key="${id || String(nth)}"><h2>${visible(name)} <span class="muted word">${visible(source)}</span></h2>
<p>${entry?.when ?? 'This version of kusk does not know the event.'}<br><span class="muted">Created</span> ${moment(timestamp, nowMs)}</p>
${bodyBlock(body, { label: `Payload ${nth}: ${name}` })}
</section>
`;
}

/** A ledger can hold anything. */
function membersOf(payload: Payload) {
  const { event, properties, timestamp, messageId } = payload;
  const inner = properties as { readonly event?: unknown } | null | undefined;
  const [source, name, at, id] = [event, inner?.event, timestamp, messageId].map((value) =>
    typeof value === 'string' ? value : '',
  );
  return {
    source: source ?? '',
    name: name || 'an unknown event',
    timestamp: at ?? '',
    id: id ?? '',
  };
}
