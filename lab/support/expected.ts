import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import type { Arrival } from './endpoint.ts';
import type { Creation } from './resources.ts';

/**
 * What the design allows to leave, worked out from its text alone: none of it is the product's code.
 */

const CREATED = {
  API: 'api-created',
  StaticRoute: 'static-route-created',
  EnvoyFleet: 'envoy-fleet-created',
};

/** The name of a cluster, by the UID of its namespace `kube-system`. */
export function expectedClusterId(kubeSystemUid: string): string {
  return hmac('kusk-gateway/cluster-id/v1', kubeSystemUid);
}

export interface Happened {
  readonly name: string;
  readonly subject: string;
  /** In whole seconds, as the API server writes it: `2026-11-23T11:42:41Z`. */
  readonly timestamp: string;
}

/** The `messageId` of a creation. */
export function expectedMessageId(
  clusterId: string,
  creation: Pick<Creation, 'kind' | 'uid'>,
): string {
  return messageId(clusterId, CREATED[creation.kind], creation.uid);
}

/** The exact text of one message. */
export function expectedText(clusterId: string, { name, subject, timestamp }: Happened): string {
  const ids = `"anonymousId":"${clusterId}","userId":"${clusterId}"`;
  const at = timestamp.replace(/Z$/, '.000Z');
  return (
    `{"messageId":"${messageId(clusterId, name, subject)}",${ids},"event":"kusk-gateway",` +
    `"properties":{"event":"${name}"},"timestamp":"${at}","type":"track",` +
    '"context":{"library":{"name":"@segment/analytics-node","version":"3.1.0"}},"integrations":{}}'
  );
}

export interface ToldOptions {
  readonly clusterId: string;
  /** Each of these must have been told, and no other creation. */
  readonly creations: readonly Creation[];
  /** Creations of which it cannot be said whether they were before the install or after. */
  readonly either?: readonly Creation[];
  /** When consent began, if the install is to be told: the ledger's `creationTimestamp`. */
  readonly since: string;
}

export interface Told {
  /** How many messages came again, byte for byte. */
  readonly repeats: number;
}

/** Asserts that exactly what the design allows has arrived, byte for byte. */
export function assertTold(arrivals: readonly Arrival[], options: ToldOptions): Told {
  const { clusterId, creations, either = [], since } = options;
  const required = new Set([
    expectedText(clusterId, { name: 'install', subject: '', timestamp: since }),
    ...creations.map((creation) => creationText(clusterId, creation)),
  ]);
  const allowed = new Set([
    ...required,
    ...either.map((creation) => creationText(clusterId, creation)),
  ]);
  const texts = arrivals.flatMap(textsIn).filter((text) => !isHeartbeat(text, clusterId));
  const distinct = new Set(texts);
  assert.deepEqual([...distinct.difference(allowed)], [], 'told, and should not have been');
  assert.deepEqual([...required.difference(distinct)], [], 'never told');
  assert.ok(heartbeatDays(arrivals) <= 2, 'one heartbeat a day');
  return { repeats: texts.length - distinct.size };
}

/** The messages of one request, having checked that it holds nothing else. */
export function textsIn({ path, body }: Arrival): readonly string[] {
  const { batch, sentAt } = JSON.parse(body) as { batch: readonly object[]; sentAt: string };
  assert.equal(path, '/v1/batch');
  assert.match(sentAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.equal(body, JSON.stringify({ batch, writeKey: 'test-write-key', sentAt }));
  return batch.map((message) => JSON.stringify(message));
}

/** A heartbeat is told for the moment at which it was due, so only its day is known beforehand. */
function isHeartbeat(text: string, clusterId: string): boolean {
  const [, at, day = ''] =
    /"heartbeat"\},"timestamp":"((\d{4}-\d\d-\d\d)T[\d:]{8})\.000Z"/.exec(text) ?? [];
  if (at === undefined) return false;
  const happened = { name: 'heartbeat', subject: day, timestamp: `${at}Z` };
  assert.equal(text, expectedText(clusterId, happened));
  return true;
}

function heartbeatDays(arrivals: readonly Arrival[]): number {
  const messages = arrivals.flatMap((arrival) => arrival.messages);
  const beats = messages.filter(({ properties }) => properties.event === 'heartbeat');
  assert.ok(beats.length > 0, 'the heartbeat was never told');
  return new Set(beats.map((beat) => beat.messageId)).size;
}

function creationText(clusterId: string, { kind, uid, timestamp }: Creation): string {
  return expectedText(clusterId, { name: CREATED[kind], subject: uid, timestamp });
}

function messageId(clusterId: string, name: string, subject: string): string {
  return hmac(clusterId, `${name}/${subject}`);
}

function hmac(key: string, message: string): string {
  return createHmac('sha256', key).update(message).digest('hex');
}
