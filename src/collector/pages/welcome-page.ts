import { html } from 'hono/html';
import { formatCount } from '../../web/format.ts';
import type { Markup } from '../../web/layout.ts';

const CHART = `helm upgrade --install kusk-gateway charts/kusk-gateway \\
  --namespace kusk-system --create-namespace \\
  --set analytics.endpoint=ENDPOINT --set analytics.writeKey=WRITE-KEY`;
const KUSK = 'kusk cluster install --endpoint ENDPOINT --write-key WRITE-KEY';
const MACHINE = 'export ANALYTICS_ENDPOINT=ENDPOINT ANALYTICS_WRITE_KEY=WRITE-KEY';
const ID = '0'.repeat(64);

function curl(today: string): string {
  return `curl --user WRITE-KEY: --json '{
  "messageId": "my-first-event",
  "event": "kusk-dashboard",
  "properties": { "event": "session" },
  "anonymousId": "${ID}",
  "userId": "${ID}",
  "timestamp": "${today}T00:00:00Z"
}' ENDPOINT/v1/track`;
}

export interface WelcomeOptions {
  /** The current UTC day. */
  readonly today: string;
  /** How many events have arrived all the same. */
  readonly refused: number;
}

/** Returns the content of the first page while there are no events: how to send some. */
export function welcomePage({ today, refused }: WelcomeOptions): Markup {
  return html`<h1>No events yet</h1>
<p class="muted">This collector is ready. Here is how to send to it.</p>
${refused === 0 ? '' : refusals(refused)}
<section class="panel notice">
<p><code>ENDPOINT</code> is the address of this collector, as senders reach it: <code>http://127.0.0.1:8090</code>, or that
of the proxy in front. <code>WRITE-KEY</code> is a key that it was started with (<code>--write-key</code>).</p>
</section>
${example('The operator in a cluster, by Helm', CHART)}
${example('The operator in a cluster, by kusk', KUSK)}
${example('The command line tool on a machine', MACHINE)}
${example('A single event, to try it: it counts as one UI session', curl(today))}
<p class="files">The operator sends its first events within a minute. Reload this page then.</p>`;
}

function refusals(refused: number): Markup {
  return html`<section class="panel notice">
<p>Events that arrived and were refused: ${formatCount(refused)}. <a href="/received">What was received and refused</a> has the reasons.</p>
</section>`;
}

function example(title: string, command: string): Markup {
  return html`<section class="panel"><h2>${title}</h2><pre tabindex="0" role="region" aria-label="${title}"><code>${command}</code></pre></section>
`;
}
