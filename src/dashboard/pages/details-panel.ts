import { html } from 'hono/html';
import type { Markup } from '../../web/layout.ts';
import type { LeaderView, OperatorView, TelemetryView } from '../model/telemetry-view.ts';
import { moment } from './moments.ts';
import type { PageFacts } from './page-facts.ts';
import { commandBlock, factList, pill, type Tone } from './page-parts.ts';
import { visible } from './visible-text.ts';

/** Returns under which id, where to and by what events of the cluster are sent. */
export function detailsPanel({ view, nowMs }: Pick<PageFacts, 'view' | 'nowMs'>): Markup {
  const { telemetry, cluster } = view;
  const { clusterId, since, endpoint, lastSent, operator, install } = telemetry;
  const none = telemetry.state === 'unknown' ? 'unknown' : 'none';
  return html`<section class="panel" id="details"><h2>Details</h2>
${factList([
  { name: 'Consent in the ledger since', value: moment(since, nowMs) },
  { name: 'Cluster id', value: idOf(telemetry) },
  {
    name: 'Endpoint',
    value: endpoint === undefined ? '–' : html`<code>${visible(endpoint)}</code>`,
  },
  { name: 'Write key', value: keyText(telemetry) },
  { name: 'Last payload created', value: moment(lastSent, nowMs) },
  { name: 'Install event', value: installText(install) },
  { name: 'Operator', value: operator ? operatorText(operator) : none },
  { name: 'Leader', value: leaderOf(telemetry, nowMs) ?? none },
  { name: 'Ledger', value: ledgerPill(telemetry) },
  { name: 'Namespace', value: visible(cluster.namespace) },
])}
<h3>How the cluster id is made</h3>
<p class="muted">A one-way hash of the UID of the namespace kube-system. This computes it:</p>
${commandBlock(clusterId.command, { label: 'How to compute the cluster id' })}
</section>`;
}

function idOf({ clusterId }: TelemetryView): Markup {
  if (clusterId.value === undefined)
    return html`unknown: neither kube-system nor the ledger has shown it`;
  const source = clusterId.from === 'ledger' ? 'as the ledger has it' : 'computed from kube-system';
  return html`<code class="id">${visible(clusterId.value)}</code> <span class="muted">(${source})</span>`;
}

function keyText({ writeKey, operator }: TelemetryView): string {
  if (operator === undefined) return '–';
  return writeKey === 'set' ? 'set (it is not shown)' : "not set: the image's own, if it has one";
}

const INSTALL_TEXTS = {
  none: 'not yet recorded',
  pending: 'pending: the endpoint has not acknowledged it yet',
  recorded: 'recorded, and not again',
} as const;

function installText(install: TelemetryView['install']): string {
  return install === undefined ? 'unknown' : INSTALL_TEXTS[install];
}

function operatorText({ name, version, owner, replicas }: OperatorView): Markup {
  return html`${visible(name)}${version === undefined ? '' : html` ${visible(version)}`}, ${replicas.ready} of ${replicas.wanted} ready <span class="muted">(${visible(owner)})</span>`;
}

function leaderOf({ operator, leader }: TelemetryView, nowMs: number): Markup | string | undefined {
  if (operator?.elects === false) return 'none is elected: the only replica sends';
  return leader && leaderText(leader, nowMs);
}

function leaderText({ holder, renewedAt, isCurrent }: LeaderView, nowMs: number): Markup {
  if (isCurrent) return html`${visible(holder)} ${pill('leads', 'good')}`;
  return html`${visible(holder)} ${pill('no longer', 'bad')} <span class="muted">It last renewed its Lease</span> ${moment(renewedAt, nowMs)}`;
}

const LEDGER_TONES: Readonly<Record<TelemetryView['ledger']['state'], Tone>> = {
  ok: 'good',
  missing: 'quiet',
  empty: 'quiet',
  unread: 'quiet',
  damaged: 'bad',
  newer: 'bad',
  foreign: 'bad',
  denied: 'bad',
};

function ledgerPill({ ledger }: TelemetryView): Markup {
  return pill(ledger.state, LEDGER_TONES[ledger.state]);
}
