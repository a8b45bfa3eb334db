import { preview } from '../../src/deliver/preview.ts';
import { CATALOGUE, type CatalogueEntry } from '../../src/event.ts';
import { exampleEvents } from '../../src/record/example-events.ts';

const NUMBERS = [
  'CLI installations',
  'unique CLI usages in a day',
  'installations to a cluster',
  'unique active cluster installations',
  'people who disable telemetry',
  'unique sessions in the UI',
  'API, StaticRoute and EnvoyFleet creations',
];

/** Returns the page of everything that can leave, and why: `docs/telemetry.md`. */
export function telemetryPage(): string {
  return `<!-- Generated from src/event.ts by \`npm run fix\`. Do not edit. -->

# What leaves, and why

Kusk Gateway counts how it is used, in seven numbers. They are computed from the events on this page.
There are no others: our programs can't send an event that is not listed here, and our collector does
not accept it. \`kusk-gateway --preview\` prints an example of each event that the operator can send, and
sends nothing.

${NUMBERS.map((title, index) => section(index + 1, title)).join('\n')}
## A complete event

This is everything that an event holds. The example is the creation of an API:

\`\`\`json
${example('api-created')}
\`\`\`

| field | content |
|---|---|
| \`anonymousId\`, \`userId\` | The cluster's id: the HMAC-SHA256 of the UID of the namespace \`kube-system\`, with the key \`kusk-gateway/cluster-id/v1\`, in hex. The UID can't be read back from it. |
| \`messageId\` | The HMAC-SHA256 of \`<properties.event>/<subject>\`, with the cluster's id as the key, in hex. The subject is the resource's UID for a creation, the UTC day (\`2026-11-23\`) for a heartbeat, and empty for the install. A repeat has the same \`messageId\`, so it is counted once. |
| \`event\` | The program that sends it. |
| \`properties.event\` | What happened. There are no other properties. |
| \`timestamp\` | When it happened, in UTC: a creation's \`metadata.creationTimestamp\`. |
| \`context.library\` | The library that sends it, and its version. |
| \`integrations\` | Always empty. |

A request holds such events as \`batch\`, the time of sending as \`sentAt\`, and our write key. Names,
namespaces, labels, specs, arguments and versions of your resources never leave. As with every request
on the internet, the endpoint's network sees the address that it comes from. No event contains that
address.

To check a count by hand:

\`\`\`sh
cluster=$(printf %s "$(kubectl get namespace kube-system -o jsonpath={.metadata.uid})" |
  openssl dgst -sha256 -hmac kusk-gateway/cluster-id/v1 | sed 's/.* //')
printf %s "api-created/$(kubectl get api NAME -o jsonpath={.metadata.uid})" |
  openssl dgst -sha256 -hmac "$cluster" | sed 's/.* //'
\`\`\`

prints the \`messageId\` of this API's creation. \`kubectl logs deployment/kusk-gateway-manager\` shows each
event that was sent, with its payload. The ConfigMap \`kusk-gateway-ledger\` holds the last twenty.

## Switching it off

Each of these switches it off. The strictest wins:

- ConfigMap \`kusk-gateway-opt-out\` in the operator's namespace, whatever tool installs or upgrades the operator:
  \`kubectl create configmap kusk-gateway-opt-out --namespace kusk-system --from-literal=enabled=false\`
- Helm: \`--set analytics.enabled=false\` (or \`analytics.enable=false\`)
- the environment: \`ANALYTICS_ENABLED=false\`, or \`DO_NOT_TRACK=1\`
- the operator's configuration file: \`analytics: {enabled: false}\`

\`false\`, \`0\`, \`no\`, \`n\`, \`f\`, \`off\`, \`null\` and an empty value are off, in upper or lower
case, and with blanks or quotes around them. A value that can't be understood is off too, and the log
names it. If no switch is set, telemetry is on, and the first line of the log says so.
[Configuration](configuration.md) has all settings.

If telemetry is off at install, nothing ever leaves: no event, no DNS query, and no connection except
the one to your Kubernetes API. If it is switched off later, one last event leaves, with random ids:

\`\`\`json
${example('analytics-disabled')}
\`\`\`

\`analytics.reportOptOut: false\` prevents that event too. When telemetry is switched on again, only what
is created from then on is counted.
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

/** Returns the payload of an example event, indented. */
function example(name: string): string {
  const events = exampleEvents().filter(({ properties }) => properties.event === name);
  return JSON.stringify(JSON.parse(preview(events)), null, 2);
}
