import type { TelemetryEvent } from '../../event.ts';
import { HttpRefusal } from '../http-refusal.ts';
import { isObject, type JsonObject } from './members.ts';
import type { Reason } from './reasons.ts';
import { envelopeRefusal, type Verdict, validate } from './validate.ts';

/**
 * Segment's own limits. A request beyond them gets a 400.
 *
 * @see https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/#batch
 */
export const LIMITS = {
  /** One event, in bytes of JSON. Also a whole request to `/v1/track`. */
  eventBytes: 32 * 1024,
  /** A whole request to `/v1/batch`, in bytes after inflation. */
  batchBytes: 500 * 1024,
  batchEvents: 2_500,
} as const;

/** The content of one request: the events to store, and how many events were refused, by reason. */
export interface Batch {
  readonly events: readonly TelemetryEvent[];
  readonly refused: ReadonlyMap<Reason, number>;
}

/** Parses the body of `/v1/track`: one event. */
export function parseTrack(body: unknown): Batch {
  return batchFrom([validate(asObject(body))]);
}

/**
 * Parses the body of `/v1/batch`.
 *
 * Throws 400 for a batch that Segment refuses as a whole: it has no list, too many events, or an
 * event that is too large.
 */
export function parseBatch(body: unknown): Batch {
  const envelope = asObject(body);
  const { batch } = envelope;
  if (!Array.isArray(batch)) throw malformed('The body needs a list of events as "batch".');
  if (batch.length > LIMITS.batchEvents) {
    throw malformed(`The batch has more than ${LIMITS.batchEvents} events.`, 'too_large');
  }
  if (batch.some(isTooLarge)) {
    throw malformed(`An event has more than ${LIMITS.eventBytes} bytes.`, 'too_large');
  }
  const refused = envelopeRefusal(envelope);
  return batchFrom(batch.map((wire) => (refused ? { refused } : validate(wire))));
}

/** Returns the body if it is a JSON object. Throws 400 if it is not. */
export function asObject(body: unknown): JsonObject {
  if (!isObject(body)) throw malformed('The body must be a JSON object.');
  return body;
}

function batchFrom(verdicts: readonly Verdict[]): Batch {
  const events: TelemetryEvent[] = [];
  const refused = new Map<Reason, number>();
  for (const verdict of verdicts) {
    if ('event' in verdict) events.push(verdict.event);
    else refused.set(verdict.refused, (refused.get(verdict.refused) ?? 0) + 1);
  }
  return { events, refused };
}

function isTooLarge(wire: unknown): boolean {
  return Buffer.byteLength(JSON.stringify(wire)) > LIMITS.eventBytes;
}

function malformed(message: string, code = 'malformed'): HttpRefusal {
  return new HttpRefusal(message, { status: 400, code });
}
