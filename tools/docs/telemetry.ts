import { sentPayload } from '../../src/deliver/payload.ts';
import { CATALOGUE, type CatalogueEntry } from '../../src/event.ts';
import { clusterId, eventOf, optOutEvent } from '../../src/record/events.ts';

const NUMBERS = [
  'CLI installations',
  'unique CLI usages in a day',
  'installations to a cluster',
  'unique active cluster installations',
  'people who disable telemetry',
  'unique sessions in the UI',
  'API, StaticRoute and EnvoyFleet creations',
];

const CLUSTER = clusterId('3b0c7c1e-7d3a-4c0e-9d0b-0a4b8f6f2f11');
const NOON = Date.parse('2026-11-23T11:42:41Z');
const CREATION = eventOf(
  { name: 'api-created', subject: '8d5f3a52-64b1-4a2b-8f5e-1f2a3b4c5d6e', at: NOON / 1000 },
  CLUSTER,
);

/** The page that says everything that can leave, and why: `docs/telemetry.md`. */
export function telemetryPage(): string {
  return `<!-- Made from src/event.ts by \`npm run fix\`. Do not edit. -->

# What leaves, and why

Kusk Gateway counts how it is used, in seven numbers. They are made from the events on this page.
There are no others: a program of ours can't send, and our receiver does not take, an event that is
not listed here.

${NUMBERS.map((title, index) => section(index + 1, title)).join('\n')}
## One event, whole

This is everything that one event holds, here for the creation of an API:

\`\`\`json
${JSON.stringify(sentPayload(CREATION), null, 2)}
\`\`\`

| field | what it is |
|---|---|
| \`anonymousId\`, \`userId\` | The cluster's id: HMAC-SHA256, under the key \`kusk-gateway/cluster-id/v1\`, of the UID of the namespace \`kube-system\`, in hex. The UID can't be read back from it. |
| \`messageId\` | HMAC-SHA256, under the cluster's id, of \`<properties.event>/<subject>\`, in hex. The subject is the resource's UID for a creation, the UTC day (\`2026-11-23\`) for a heartbeat, empty for the install. A repeat has the same \`messageId\`, and so is counted once. |
| \`event\` | Which program tells it. |
| \`properties.event\` | What happened. There are no other properties. |
| \`timestamp\` | When it happened, in UTC: a creation's \`metadata.creationTimestamp\`. |
| \`context.library\` | The library that carries it, and its version. |
| \`integrations\` | Always empty. |

A request holds such events as \`batch\`, the time of sending as \`sentAt\`, and our write key. Neither
names, namespaces, labels, specs, arguments nor versions of anything of yours leave. As with every
request on the internet, the receiver's network sees the address that it comes from; it is not part
of any event.

To check a count by hand:

\`\`\`sh
cluster=$(printf %s "$(kubectl get namespace kube-system -o jsonpath={.metadata.uid})" |
  openssl dgst -sha256 -hmac kusk-gateway/cluster-id/v1 | sed 's/.* //')
printf %s "api-created/$(kubectl get api NAME -o jsonpath={.metadata.uid})" |
  openssl dgst -sha256 -hmac "$cluster" | sed 's/.* //'
\`\`\`

prints the \`messageId\` under which this API was told. \`kubectl logs deployment/kusk-gateway-manager\`
shows each event that left, as it left; the last twenty are also in the ConfigMap
\`kusk-gateway-ledger\`.

## Switching it off

Each of these switches it off, and the strictest wins:

- Helm: \`--set analytics.enabled=false\` (or \`analytics.enable=false\`)
- the environment: \`ANALYTICS_ENABLED=false\`, or \`DO_NOT_TRACK=1\`
- the operator's configuration file: \`analytics: {enabled: false}\`

\`false\`, \`0\`, \`no\`, \`n\`, \`f\`, \`off\`, \`null\` and an empty value are off, in any case, with blanks or
quotes around. A value that can't be understood is off too, and the log names it. Where nobody says
anything, it is on, and the first line of the log says so.

Off at install means that nothing leaves, ever: no event, no DNS query, no connection but the one to
your Kubernetes API. Switched off later, one last event leaves, whose ids are made up for it alone:

\`\`\`json
${JSON.stringify(sentPayload(optOutEvent({ randomId: fixedIds(), now: () => NOON })), null, 2)}
\`\`\`

\`analytics.reportOptOut: false\` keeps that one back as well. Switched on again, consent begins anew:
what exists at that moment is not told.
`;
}

function section(number: number, title: string): string {
  const entries = CATALOGUE.filter((entry) => entry.number === number);
  return `## ${number}. The number of ${title}

| \`event\` / \`properties.event\` | when | why | counted once per |
|---|---|---|---|
${entries.map(row).join('\n')}
`;
}

function row({ source, name, when, why, countedOncePer }: CatalogueEntry): string {
  return `| \`${source}\` / \`${name}\` | ${when} | ${why} | ${countedOncePer} |`;
}

/** The example's ids: different ones, and the same in each making of the page. */
function fixedIds(): () => string {
  const ids = ['an opt-out', 'its message'].map(clusterId);
  return () => ids.shift() ?? '';
}
