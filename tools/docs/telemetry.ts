import { DEFAULT_ENDPOINT } from '../../src/deliver/endpoint-settings.ts';
import { preview } from '../../src/deliver/preview.ts';
import { CATALOGUE, type CatalogueEntry } from '../../src/event.ts';
import { exampleEvents } from '../../src/record/example-events.ts';
import { SENT_KEPT, SENT_KEPT_MS } from '../../src/record/machine-events.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

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
not accept it. \`docker run --rm IMAGE --preview\`, with the operator's image, prints an example of each event that the operator can send, and
sends nothing, and \`kusk analytics preview\` the events of your machine.

${NUMBERS.map((title, index) => section(index + 1, title)).join('\n')}
## A complete event

This is everything that an event holds. The example is the creation of an API:

\`\`\`json
${example('api-created')}
\`\`\`

| field | content |
|---|---|
| \`anonymousId\`, \`userId\` | Of \`kusk-gateway\`, the cluster's id: the HMAC-SHA256 of the UID of the namespace \`kube-system\`, with the key \`kusk-gateway/cluster-id/v1\`, in hex. The UID can't be read back from it. Of \`kusk-cli\`, [the machine's id](#the-machine): random, and derived from nothing. |
| \`messageId\` | The HMAC-SHA256 of \`<properties.event>/<subject>\`, with the cluster's or machine's id as the key, in hex. The subject is the resource's UID for a creation, the UTC day (\`2026-11-23\`) for a heartbeat and for a command of \`kusk\`, and empty for an install. A repeat has the same \`messageId\`, so it is counted once. |
| \`event\` | The program that sends it. |
| \`properties.event\` | What happened. There are no other properties. |
| \`timestamp\` | When it happened, in UTC: a creation's \`metadata.creationTimestamp\`. Of a browser session, only the day: its time is 00:00. |
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

prints the \`messageId\` of this API's creation. \`kubectl logs deployment/kusk-gateway-manager --namespace kusk-system\` shows each
event that was sent, with its payload. The ConfigMap \`kusk-gateway-ledger\` holds the last twenty.

## The machine

\`kusk\` counts which of its commands ran on a day, and once that the machine has it. Everything that it
remembers is in one folder, mode 0700: \`$XDG_STATE_HOME/kusk\`, else \`~/.local/state/kusk\` (macOS:
\`~/Library/Application Support/kusk\`; Windows: \`%LOCALAPPDATA%\\kusk\`).

| file | content |
|---|---|
| \`id\` | The machine's id: 64 random hex digits. Nothing about you or the machine is in it. |
| \`notice\` | When the notice about telemetry was shown. |
| \`consent\` | \`off\` after \`kusk analytics disable\`, else absent. |
| \`spool/MESSAGE_ID.json\` | An event that is not acknowledged yet. At most 100. |
| \`sent/MESSAGE_ID.json\` | An event that was. The newest ${SENT_KEPT} are kept, and those of the last ${SENT_KEPT_MS / DAY_MS} days. |

- **Nothing leaves before you have seen the notice.** The first run at a terminal shows it and sends
  nothing. Later runs put their event into \`spool/\`, and a process in the background sends all that is
  there as one request. It ends within five seconds, and the command does not wait for it. What fails is
  sent by a later run.
- **Off means off.** \`ANALYTICS_ENABLED=false\`, \`DO_NOT_TRACK=1\`, \`kusk analytics disable\` and, unless
  \`ANALYTICS_ENABLED\` says on, \`CI\` (but not \`CI=false\`): \`kusk\` then creates no folder, starts no process and opens no
  connection. It is off, too, without a write key, if the folder can't be used, and if the id is damaged.
- **Where it goes:** to \`ANALYTICS_ENDPOINT\`, else to ${DEFAULT_ENDPOINT}, with \`ANALYTICS_WRITE_KEY\`, else the key that
  \`kusk\` was built with; through \`HTTPS_PROXY\`, \`HTTP_PROXY\` and \`NO_PROXY\`, and trusting \`NODE_EXTRA_CA_CERTS\`. Redirects
  are not followed.
- **To see it:** \`kusk analytics status\` shows whether it is on, why and under which id, \`preview\` what would
  be sent, and \`log\` what was.
- **To delete it:** remove the folder. \`kusk\` then has no record of earlier runs, shows the notice again,
  and counts as a new machine. Keep the file \`consent\` if telemetry is to stay off. Our collector
  [can't erase](collector.md#erasing-a-machine-or-cluster) what one machine or cluster has sent.
- **A damaged id is never replaced,** because that would count the machine twice. Delete the file \`id\` to get
  a new one.
- **A copy of the folder on another machine** has the same id, so that both count as one. Delete \`id\` there to
  count it by itself.
- **With sudo,** a folder of another user is not used, and none is created in another user's home. If the
  other user's \`consent\` is off, it is off for you too.

## Switching it off

Each of these switches it off. The strictest wins:

- ConfigMap \`kusk-gateway-opt-out\` in the operator's namespace, whatever tool installs or upgrades the operator:
  \`kusk analytics disable --cluster\`, or
  \`kubectl create configmap kusk-gateway-opt-out --namespace kusk-system --from-literal=enabled=false\`;
  if it exists, as after \`kusk analytics enable --cluster\`,
  \`kubectl patch configmap kusk-gateway-opt-out --namespace kusk-system --patch='{"data":{"enabled":"false"}}'\`
- Helm: \`--set analytics.enabled=false\` (or \`analytics.enable=false\`)
- the environment: \`ANALYTICS_ENABLED=false\`, or \`DO_NOT_TRACK=1\`
- \`kusk\`, for one machine: \`kusk analytics disable\`
- the operator's configuration file: \`analytics: {enabled: false}\`

\`false\`, \`0\`, \`no\`, \`n\`, \`f\`, \`off\`, \`null\` and an empty value are off, in upper or lower
case, and with blanks or quotes around them. A value that can't be understood is off too, and the log
names it. If no switch is set, telemetry is on, and the first line of the log says so.
[Configuration](configuration.md) has all settings.

If telemetry is off at install, nothing ever leaves: no event, no DNS query, and no connection except
the one to your Kubernetes API. [A NetworkPolicy proves it](install.md#prove-that-nothing-leaves).
If it is switched off later, one last event leaves, with random ids:

\`\`\`json
${example('analytics-disabled')}
\`\`\`

\`analytics.reportOptOut: false\` prevents that event too, and so does \`kusk analytics disable --no-report\`
for the one of a machine. When telemetry is switched on again, only what
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
