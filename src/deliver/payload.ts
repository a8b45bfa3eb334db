import type { CompleteProperties, Message } from '../event.ts';

/** The library in the payload. A test compares it with the SDK's own name and version. */
export const LIBRARY = { name: '@segment/analytics-node', version: '3.1.0' } as const;

/**
 * One message as sent: the event and the fields that Segment's protocol requires.
 *
 * ```json
 * {
 *   "messageId": "9c1f…", "anonymousId": "51e7…", "userId": "51e7…",
 *   "event": "kusk-gateway", "properties": { "event": "api-created" },
 *   "timestamp": "2026-11-23T11:42:41.213Z", "type": "track",
 *   "context": { "library": { "name": "@segment/analytics-node", "version": "3.1.0" } },
 *   "integrations": {}
 * }
 * ```
 */
export interface SentPayload extends Message {
  readonly type: 'track';
  readonly context: { readonly library: typeof LIBRARY };
  readonly integrations: Readonly<Record<string, never>>;
}

/** Copies each field by name, so that no field that an SDK adds can leave. */
export function sentPayload(event: Message): SentPayload {
  return {
    messageId: event.messageId,
    anonymousId: event.anonymousId,
    userId: event.userId,
    event: event.event,
    properties: { event: event.properties.event } satisfies CompleteProperties,
    timestamp: event.timestamp,
    type: 'track',
    context: { library: LIBRARY },
    integrations: {},
  };
}
