import type { Reason } from './reasons.ts';
import { isTimestamp } from './timestamp.ts';

interface Member {
  readonly allows: (value: unknown) => boolean;
  /** What an event is refused for if the value is not allowed. */
  readonly reason: Reason;
}

/** A JSON object. */
export type Wire = Readonly<Record<string, unknown>>;

/** A library's name or version is short; what is longer is something else. */
const MAX_LABEL = 100;

/**
 * Every member that an event may have on the wire. One that may be absent allows `undefined`.
 *
 * Beyond our payload: what Segment and its official SDKs add. It is checked, so that nothing can
 * hide in it, and not stored.
 */
export const MEMBERS: Readonly<Record<string, Member>> = {
  type: { allows: optional((value) => value === 'track'), reason: 'not-a-track' },
  event: { allows: isText, reason: 'unknown-event' },
  properties: { allows: only({ event: isText }), reason: 'unknown-property' },
  messageId: { allows: matches(/^[0-9A-Za-z_-]{1,100}$/), reason: 'bad-message-id' },
  anonymousId: { allows: matches(/^[0-9a-f]{64}$/), reason: 'bad-user-id' },
  userId: { allows: matches(/^[0-9a-f]{64}$/), reason: 'bad-user-id' },
  timestamp: { allows: isTimestamp, reason: 'bad-timestamp' },
  originalTimestamp: { allows: optional(isTimestamp), reason: 'bad-timestamp' },
  receivedAt: { allows: optional(isTimestamp), reason: 'bad-timestamp' },
  sentAt: { allows: optional(isTimestamp), reason: 'bad-timestamp' },
  writeKey: { allows: optional(isText), reason: 'unknown-member' },
  context: {
    allows: optional(only({ library: optional(only({ name: isLabel, version: isLabel })) })),
    reason: 'unknown-context',
  },
  integrations: { allows: optional(only({})), reason: 'unknown-context' },
  _metadata: {
    allows: optional(only({ nodeVersion: optional(isLabel), jsRuntime: optional(isLabel) })),
    reason: 'unknown-context',
  },
};

export function isObject(value: unknown): value is Wire {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object whose members are all named in `shape` and allowed by it. */
function only(shape: Readonly<Record<string, (value: unknown) => boolean>>) {
  const checks = Object.entries(shape);
  return (value: unknown): boolean =>
    isObject(value) &&
    Object.keys(value).every((name) => Object.hasOwn(shape, name)) &&
    checks.every(([name, allows]) => allows(value[name]));
}

function optional(allows: (value: unknown) => boolean) {
  return (value: unknown): boolean => value === undefined || allows(value);
}

function matches(pattern: RegExp) {
  return (value: unknown): boolean => typeof value === 'string' && pattern.test(value);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isLabel(value: unknown): boolean {
  return typeof value === 'string' && value.length <= MAX_LABEL;
}
