import {
  type CompleteProperties,
  catalogued,
  type Message,
  type TelemetryEvent,
} from '../../event.ts';
import { ENVELOPE_MEMBERS, isObject, isTrackType, type JsonObject, MEMBERS } from './members.ts';
import type { Reason } from './reasons.ts';

/** An event as it may be stored, or why it may not. */
export type Verdict = { readonly event: TelemetryEvent } | { readonly refused: Reason };

const RULES = Object.entries(MEMBERS);

/**
 * Holds one event of the wire against the catalogue and its payload.
 *
 * What is given back is the payload alone, with the time in UTC: an offset would tell where in the
 * world it was sent.
 */
export function validate(wire: unknown): Verdict {
  if (!isObject(wire)) return { refused: 'not-an-object' };
  // Before its members: an `identify` has `traits`, but that is not what is wrong with it.
  if (!isTrackType(wire.type)) return { refused: 'not-a-track' };
  if (Object.keys(wire).some((name) => !Object.hasOwn(MEMBERS, name))) {
    return { refused: 'unknown-member' };
  }
  const [, broken] = RULES.find(([name, { allows }]) => !allows(wire[name])) ?? [];
  if (broken) return { refused: broken.reason };
  return judge(wire as unknown as Message);
}

/** Why all events of a batch are refused for what stands around them; `undefined` if they are not. */
export function envelopeRefusal(envelope: JsonObject): Reason | undefined {
  // Not copied without `batch`: a body can have tens of thousands of members.
  for (const name of Object.keys(envelope)) {
    if (name === 'batch') continue;
    const rule = Object.hasOwn(ENVELOPE_MEMBERS, name) ? ENVELOPE_MEMBERS[name] : undefined;
    if (!rule) return 'unknown-member';
    if (!rule.allows(envelope[name])) return rule.reason;
  }
  return undefined;
}

/** Of an event whose members are each allowed. */
function judge(message: Message): Verdict {
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
  // The catalogue has this name for this source.
  return { event: payload as TelemetryEvent };
}
