import { html } from 'hono/html';
import { utcDay } from '../../event.ts';
import { slotMoment, slotOf } from '../../record/heartbeat.ts';
import { formatDay } from '../../web/format.ts';
import type { Markup } from '../../web/layout.ts';
import type { HeartbeatView, LedgerView } from '../model/telemetry-view.ts';
import { momentText } from './moments.ts';
import type { PageFacts } from './page-facts.ts';
import { pill, type Tone } from './page-parts.ts';

const STATES: Readonly<
  Record<HeartbeatView['state'], { readonly text: string; readonly tone: Tone }>
> = {
  recorded: { text: 'recorded', tone: 'good' },
  pending: { text: 'pending', tone: 'waiting' },
  outstanding: { text: 'due later', tone: 'quiet' },
};
const DAY_MS = 86_400_000;

/** Returns the days on which the operator ran, the latest first. */
export function heartbeatPanel({ view }: Pick<PageFacts, 'view'>): Markup {
  const { heartbeats } = view.telemetry;
  const days = heartbeats.toReversed();
  return html`<section class="panel" id="heartbeats"><h2>Heartbeats</h2>
<p class="muted">One for each UTC day on which the operator ran. The ledger keeps the last 16. One that is recorded was sent.</p>
${
  days.length === 0
    ? html`<p>None is known.</p>`
    : html`<ol class="days">${days.map(({ day, state }) => html`<li><span>${formatDay(day)}</span> ${pill(STATES[state].text, STATES[state].tone)}</li>\n`)}</ol>`
}
</section>`;
}

/** The ledgers that the operator uses, or writes anew. */
const USED: readonly LedgerView['state'][] = ['ok', 'missing', 'empty'];

/** Returns when the next heartbeat is due, while telemetry is on and the cluster's id and its ledger are known. */
export function nextHeartbeat({ view, nowMs }: Pick<PageFacts, 'view' | 'nowMs'>): Markup {
  const { state, clusterId, heartbeats, ledger } = view.telemetry;
  if (state !== 'on' || clusterId.value === undefined) return html``;
  if (!USED.includes(ledger.state)) return html``;
  const slot = slotOf(clusterId.value);
  const today = utcDay(nowMs);
  const isRecorded = heartbeats.some(
    ({ day, state: one }) => day === today && one !== 'outstanding',
  );
  const dueMs = slotMoment(isRecorded ? utcDay(nowMs + DAY_MS) : today, slot);
  const due = dueMs <= nowMs ? 'now' : `at ${momentText(dueMs)}`;
  return html`<p class="change">The next heartbeat is due ${due}, if the operator runs.</p>`;
}
