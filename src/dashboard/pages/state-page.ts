import { html } from 'hono/html';
import { KINDS } from '../../event.ts';
import { formatCount } from '../../web/format.ts';
import type { Markup } from '../../web/layout.ts';
import { table } from '../../web/table.ts';
import type { SwitchView, TelemetryView } from '../model/telemetry-view.ts';
import type { DashboardView } from '../model/view.ts';
import { detailsPanel } from './details-panel.ts';
import { heartbeatPanel, nextHeartbeat } from './heartbeat-panel.ts';
import { machinePanel } from './machine-panel.ts';
import { moment } from './moments.ts';
import type { PageFacts } from './page-facts.ts';
import { commandList, pill, sentences, type Tone } from './page-parts.ts';
import { saysAll } from './says-all.ts';
import { visible } from './visible-text.ts';

const STATES: Readonly<
  Record<TelemetryView['state'], { readonly title: string; readonly tone: Tone }>
> = {
  on: { title: 'Telemetry is on', tone: 'good' },
  off: { title: 'Telemetry is off', tone: 'quiet' },
  unknown: { title: 'It is unknown whether telemetry is on', tone: 'bad' },
  'not-installed': { title: 'There is no operator in this cluster', tone: 'quiet' },
  elsewhere: { title: 'It is unknown whether telemetry is on', tone: 'bad' },
};

/** Returns the title of the first page: whether telemetry is on. */
export function stateTitle({ telemetry }: DashboardView): string {
  return STATES[telemetry.state].title;
}

/** Returns the content of the first page: what an administrator wants to know in one look. */
export function statePage(facts: PageFacts): Markup {
  const { telemetry } = facts.view;
  const { title, tone } = STATES[telemetry.state];
  const isSilent = telemetry.state === 'on' && telemetry.obstacles.length > 0;
  return html`<h1 class="state ${isSilent ? 'waiting' : tone}" id="state">${title}</h1>
<p id="decided-by">${decidedText(facts)}</p>
${attention(telemetry)}
<div class="cards three">
${sentCard(facts)}
${nextCard(facts)}
${resourcesCard(facts)}
</div>
<div class="pair">
<section class="panel" id="change"><h2>How to change it</h2>${commandList(telemetry.commands)}</section>
<section class="panel" id="switches"><h2>Who decides</h2>
${
  telemetry.switches.length === 0
    ? html`<p>The switches are not known.</p>`
    : html`<p class="muted">The strictest switch wins. What is absent does not decide.</p>
${switchTable(telemetry)}`
}
</section>
</div>
<div class="pair">
${detailsPanel(facts)}
<div>${heartbeatPanel(facts)}${machinePanel(facts)}</div>
</div>`;
}

function decidedText({ view, nowMs }: PageFacts): Markup {
  const { state, decidedBy, since } = view.telemetry;
  if (state !== 'on' && state !== 'off') return html`Because ${visible(decidedBy)}.`;
  const recorded =
    since === undefined
      ? ''
      : html` The consent in the ledger last changed at ${moment(since, nowMs)}.`;
  const by = decidedBy.startsWith('default') ? 'Decided by' : 'Decided by:';
  return html`${by} ${visible(decidedBy)}.${recorded}`;
}

function attention({ obstacles, problems, ledger }: TelemetryView): Markup {
  const texts = [...obstacles, ...problems, ...(ledger.message === '' ? [] : [ledger.message])];
  if (texts.length === 0) return html``;
  const title = obstacles.length > 0 ? 'Nothing leaves now' : 'Needs attention';
  return html`<section class="panel notice warning" id="attention"><h2>${title}</h2>${sentences([...new Set(texts)])}</section>`;
}

function sentCard({ view, nowMs }: PageFacts): Markup {
  const { sent } = view.payloads;
  return html`<section class="card" id="sent-card"><h2><a href="/sent">What was sent</a></h2>
${
  sent.length === 0
    ? html`<p class="figure quiet">${saysAll(view.telemetry) ? 'nothing' : 'unknown'}</p>`
    : html`<p class="figure">${formatCount(sent.length)}</p>
<p class="change">payloads in the ledger, which keeps the last 20. The newest: ${moment(view.telemetry.lastSent, nowMs)}</p>`
}
</section>`;
}

function nextCard(facts: PageFacts): Markup {
  const { telemetry } = facts.view;
  const { total, byName, oldest } = telemetry.pending;
  const names = Object.entries(byName);
  const isKnown = saysAll(telemetry);
  return html`<section class="card" id="next-card"><h2><a href="/preview">What is next</a></h2>
<p class="figure${isKnown ? '' : ' quiet'}">${isKnown ? formatCount(total) : 'unknown'}</p>
<p class="change">${total === 1 ? 'event is' : 'events are'} pending${names.length === 0 ? '.' : html`: ${names.map(([name, count], i) => html`${i === 0 ? '' : ', '}${formatCount(count)} ${visible(name)}`)}.`}
${oldest === undefined ? '' : html`The oldest: ${moment(oldest, facts.nowMs)}.`}</p>
${nextHeartbeat(facts)}
</section>`;
}

function resourcesCard({ view }: PageFacts): Markup {
  const rows = KINDS.flatMap((kind) => view.kinds[kind].rows);
  const counted = rows.filter(({ verdict }) => verdict.state === 'counted').length;
  const isListed = KINDS.some((kind) => ['listed', 'missing'].includes(view.kinds[kind].state));
  if (!isListed && rows.length === 0) {
    return html`<section class="card" id="resources-card"><h2><a href="/resources">Which resources were counted</a></h2>
<p class="figure quiet">unknown</p>
</section>`;
  }
  return html`<section class="card" id="resources-card"><h2><a href="/resources">Which resources were counted</a></h2>
<p class="figure">${formatCount(counted)} <span class="of">of ${formatCount(rows.length)}</span></p>
<p class="change">${KINDS.map((kind, i) => html`${i === 0 ? '' : ' · '}${kind}\u00a0${formatCount(view.kinds[kind].total)}`)}</p>
</section>`;
}

const SAYS: Readonly<Record<SwitchView['says'], { readonly text: string; readonly tone: Tone }>> = {
  on: { text: 'on', tone: 'good' },
  off: { text: 'off', tone: 'quiet' },
  absent: { text: 'absent', tone: 'quiet' },
  invalid: { text: 'invalid: off', tone: 'bad' },
};

function switchTable({ switches, state }: TelemetryView): Markup {
  // Then some may not be read, and what is not found can be there.
  const absent = state === 'unknown' ? 'not found, or not readable' : 'absent';
  return table({
    caption: 'Switches of telemetry',
    columns: [{ title: 'Switch' }, { title: 'Value' }, { title: 'Says' }],
    rows: switches.map(({ name, value, says, decides }) => [
      html`${visible(name)}${decides ? html` <strong class="tag decides">decides</strong>` : ''}`,
      value === undefined
        ? html`<span class="muted">–</span>`
        : html`<code>${visible(value)}</code>`,
      says === 'absent'
        ? html`<span class="muted">${absent}</span>`
        : pill(SAYS[says].text, SAYS[says].tone),
    ]),
  });
}
