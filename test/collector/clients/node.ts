/** Sends the calls on standard input by Segment's Node client with its defaults. Arguments: URL KEY. */
import { json } from 'node:stream/consumers';
import { Analytics } from '@segment/analytics-node';
import type { Call } from './call.ts';

const [host = '', writeKey = ''] = process.argv.slice(2);
const client = new Analytics({ writeKey, host });
const outcomes = { sent: 0, failed: 0 };

/** Runs once for each call, after it is acknowledged or has failed. */
function onOutcome(error?: unknown): void {
  outcomes[error === undefined ? 'sent' : 'failed'] += 1;
}

function send({ type, messageId, userId, event, name }: Call): void {
  const ids = { userId, anonymousId: userId, ...(messageId === undefined ? {} : { messageId }) };
  const senders = {
    track: () => client.track({ ...ids, event, properties: { event: name } }, onOutcome),
    identify: () => client.identify(ids, onOutcome),
    page: () => client.page({ ...ids, name }, onOutcome),
    screen: () => client.screen({ ...ids, name }, onOutcome),
    group: () => client.group({ ...ids, groupId: name }, onOutcome),
    alias: () => client.alias({ userId, previousId: name }, onOutcome),
  };
  senders[type]();
}

for (const call of (await json(process.stdin)) as readonly Call[]) send(call);
await client.closeAndFlush();
console.log(JSON.stringify(outcomes));
