import {
  type CompleteProperties,
  catalogued,
  type Message,
  type TelemetryEvent,
} from '../../event.ts';
import { ENVELOPE_MEMBERS, isObject, isTrackType, type JsonObject, MEMBERS } from './members.ts';
import type { Reason } from './reasons.ts';

/** An event to store, or the reason why it is refused. */
export type Verdict = { readonly event: TelemetryEvent } | { readonly refused: Reason };

const RULES = Object.entries(MEMBERS);

/**
 * Validates one event of the wire against the catalogue.
 *
 * Returns only its payload, with the time in UTC. An offset would reveal the sender's time zone.
 */
export function validate(wire: unknown): Verdict {
  if (!isObject(wire)) return { refused: 'not-an-object' };
  // Checked before the members. An `identify` also has `traits`, but its type is the reason.
  if (!isTrackType(wire.type)) return { refused: 'not-a-track' };
  if (Object.keys(wire).some((name) => !Object.hasOwn(MEMBERS, name))) {
    return { refused: 'unknown-member' };
  }
  const [, violated] = RULES.find(([name, { allows }]) => !allows(wire[name])) ?? [];
  if (violated) return { refused: violated.reason };
  return validateMessage(wire as unknown as Message);
}

/** Returns why a batch's own members refuse all of its events, or `undefined` if they are allowed. */
export function envelopeRefusal(envelope: JsonObject): Reason | undefined {
  // The object is not copied, because a body can have tens of thousands of members.
  for (const name of Object.keys(envelope)) {
    if (name === 'batch') continue;
    const rule = Object.hasOwn(ENVELOPE_MEMBERS, name) ? ENVELOPE_MEMBERS[name] : undefined;
    if (!rule) return 'unknown-member';
    if (!rule.allows(envelope[name])) return rule.reason;
  }
  return undefined;
}

/** Validates an event whose members are each allowed. */
function validateMessage(message: Message): Verdict {
  const { messageId, anonymousId, userId, event, properties, timestamp } = message;
  if (anonymousId !== userId) return { refused: 'bad-user-id' };
  if (!catalogued(event, properties.event)) return { refused: 'unknown-event' };
  const payload: Message = {
    messageId,
    anonymousId,
    userId,
    event,
    properties: { event: properties.event } satisfies CompleteProperties,
    timestamp: new Date(timestamp).toISOString(),
  };
  // The type is safe: the catalogue has this name for this source.
  return { event: payload as TelemetryEvent };
}
