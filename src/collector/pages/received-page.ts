import { html } from 'hono/html';
import { formatCount } from '../../web/format.ts';
import type { Markup } from '../../web/layout.ts';
import { table } from '../../web/table.ts';
import { REASONS } from '../ingest/reasons.ts';
import type { Snapshot } from '../store/snapshot.ts';
import { toCsv } from './documents.ts';

/** How many events were received since the store was created, by what became of them. */
export interface Received {
  readonly accepted: number;
  readonly duplicates: number;
  /** Every reason, also those that did not occur. */
  readonly refused: Readonly<Record<string, number>>;
}

export function receivedBy(snapshot: Snapshot): Received {
  const outcomes = snapshot.outcomes();
  const refused = REASONS.map((reason) => [reason, outcomes.get(reason) ?? 0] as const);
  return {
    accepted: outcomes.get('accepted') ?? 0,
    duplicates: outcomes.get('duplicates') ?? 0,
    refused: Object.fromEntries(refused),
  };
}

/** Returns how many events were refused, for whatever reason. */
export function refusedOf({ refused }: Pick<Received, 'refused'>): number {
  return Object.values(refused).reduce((sum, count) => sum + count, 0);
}

/** Returns the same as CSV. */
export function receivedCsv({ accepted, duplicates, refused }: Received): string {
  const rows = Object.entries(refused).map(([reason, count]) => `refused,${reason},${count}`);
  return toCsv([
    'outcome,reason,events',
    `accepted,,${accepted}`,
    `duplicate,,${duplicates}`,
    ...rows,
  ]);
}

/** Returns the content of the page of what was received. */
export function receivedPage(received: Received): Markup {
  const { accepted, duplicates, refused } = received;
  return html`<a class="crumb" href="/">← The seven numbers</a>
<h1>Received and refused</h1>
<p class="muted">Since this collector's store was created, whatever the range.</p>
<div class="pair">
<section class="panel">
<h2>Events</h2>
<dl class="facts">
<dt>Accepted</dt><dd>${formatCount(accepted)}</dd>
<dt>Repeats, not counted again</dt><dd>${formatCount(duplicates)}</dd>
<dt>Refused</dt><dd>${formatCount(refusedOf(received))}</dd>
</dl>
</section>
<section class="panel">
<h2>Refused, by reason</h2>
${table({
  caption: 'Refused events by reason',
  columns: [{ title: 'Reason' }, { title: 'Meaning' }, { title: 'Events', isNumber: true }],
  rows: Object.entries(refused).map(([reason, count]) => [
    html`<code>${reason}</code>`,
    MEANINGS[reason as keyof typeof MEANINGS],
    formatCount(count),
  ]),
})}
<p class="files"><a href="/received.csv">CSV</a> <a href="/received.json">JSON</a></p>
</section>
</div>`;
}

const MEANINGS: Readonly<Record<(typeof REASONS)[number], string>> = {
  'not-an-object': 'Not a JSON object.',
  'unknown-member': 'A member that no known client sends.',
  'not-a-track': 'Another call of Segment, such as identify or page.',
  'unknown-event': 'Not in the catalogue.',
  'unknown-property': 'Properties that are not exactly the event.',
  'unknown-context': 'A context with more than the library.',
  'bad-message-id': 'A messageId of a wrong form.',
  'bad-user-id': 'Ids that are no hash, or differ.',
  'bad-timestamp': 'No time with a zone, or not in the calendar.',
};
