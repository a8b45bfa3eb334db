import { html } from 'hono/html';
import { sentPayload } from '../../deliver/payload.ts';
import type { Markup } from '../../web/layout.ts';
import type { DashboardView } from '../model/view.ts';
import { isCertainlyOn, type Session } from '../sessions.ts';
import { isoText, moment } from './moments.ts';
import type { PageFacts } from './page-facts.ts';
import { bodyBlock, pill, type Tone } from './page-parts.ts';
import { visible } from './visible-text.ts';

const STATES: Readonly<Record<Session['state'], { readonly text: string; readonly tone: Tone }>> = {
  pending: { text: 'pending', tone: 'waiting' },
  sent: { text: 'sent', tone: 'good' },
  dropped: { text: 'not sent', tone: 'quiet' },
};

/** Returns what the dashboard itself sends: one event for a browser session, with its exact body. */
export function machinePanel(facts: PageFacts): Markup {
  const { machine, sessions, nextSession, nowMs } = facts;
  const [last, ...earlier] = sessions;
  return html`<section class="panel" id="sessions"><h2>What this page sends</h2>
<p>${reasonText(facts)}<noscript> Without JavaScript, nothing is counted.</noscript></p>
<p class="muted">A browser session is counted once, under random ids that nothing else has, and with the day in place of the time: by them,
it can't be joined to this cluster, this machine or another session. An endpoint that logs the addresses and times of requests could still guess it. It is sent to ${machine.endpoint === undefined ? 'no endpoint' : html`<code>${visible(machine.endpoint)}</code>`}.</p>
${
  last === undefined
    ? html`<h3>As it would be sent</h3>${bodyBlock(bodyOf(nextSession), { label: 'The event of a session, as it would be sent' })}`
    : html`<h3>The last session</h3>${sessionLine(last, nowMs)}${bodyBlock(bodyOf(last.event), { label: 'The event of the last session' })}`
}
${
  earlier.length === 0
    ? ''
    : html`<details><summary>Earlier sessions (${earlier.length})</summary>${earlier.map((session) => sessionLine(session, nowMs))}</details>`
}
</section>`;
}

function sessionLine({ beganAt, state, reason }: Session, nowMs: number): Markup {
  const { text, tone } = STATES[state];
  return html`<p>${pill(text, tone)} ${moment(isoText(beganAt), nowMs)}${reason === '' ? '' : html` <span class="muted">${visible(reason)}</span>`}</p>
`;
}

/** Returns the exact body of an event as JSON on one line. */
export function bodyOf(event: Parameters<typeof sentPayload>[0]): string {
  return JSON.stringify(sentPayload(event));
}

function reasonText({ machine, view }: PageFacts): Markup {
  if (!machine.isOn) {
    return html`A session that begins now is not counted: telemetry of this machine is off, because ${visible(machine.decidedBy)}.`;
  }
  if (!isCertainlyOn(view))
    return html`A session that begins now is not counted: ${clusterReason(view)}.`;
  return html`A browser session that begins now is counted once: telemetry of the cluster and of this machine is on. <code>kusk analytics disable</code> switches this machine off.`;
}

function clusterReason({ connection, telemetry }: DashboardView): string {
  if (connection.state === 'partial') return 'the cluster cannot be read in full';
  if (connection.state !== 'connected') return 'the cluster cannot be reached';
  return telemetry.state === 'unknown'
    ? 'it is unknown whether telemetry of the cluster is on'
    : 'telemetry of the cluster is off';
}
