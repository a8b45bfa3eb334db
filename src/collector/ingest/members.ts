import type { Reason } from './reasons.ts';
import { isTimestamp } from './timestamp.ts';

interface Member {
  readonly allows: (value: unknown) => boolean;
  /** Why an event is refused if the value is not allowed. */
  readonly reason: Reason;
}

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The most characters of a library's name or version. */
const MAX_LABEL = 100;
const MESSAGE_ID = /^[0-9A-Za-z_-]{1,100}$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const LIBRARY = only({ name: isLabel, version: isLabel });
/** Of an event. The PHP client adds how it sends: `LibCurl` or `Socket`. */
const EVENT_LIBRARY = only({ name: isLabel, version: isLabel, consumer: optional(isLabel) });

/**
 * Every member that an event may have on the wire. An optional member allows `undefined`.
 *
 * Besides our payload these are the members that Segment and its official SDKs add. They are checked,
 * so that nothing can hide in them, and not stored.
 *
 * @see https://github.com/segmentio/analytics-ruby (`field_parser.rb`: `integrations` and `options` are null)
 * @see https://github.com/segmentio/analytics-php (`Client.php`: `context.library.consumer`)
 */
export const MEMBERS: Readonly<Record<string, Member>> = {
  type: { allows: isTrackType, reason: 'not-a-track' },
  event: { allows: isText, reason: 'unknown-event' },
  properties: { allows: only({ event: isText }), reason: 'unknown-property' },
  messageId: { allows: matches(MESSAGE_ID), reason: 'bad-message-id' },
  anonymousId: { allows: matches(/^[0-9a-f]{64}$/), reason: 'bad-user-id' },
  userId: { allows: matches(/^[0-9a-f]{64}$/), reason: 'bad-user-id' },
  timestamp: { allows: isTimestamp, reason: 'bad-timestamp' },
  originalTimestamp: { allows: optional(isTimestamp), reason: 'bad-timestamp' },
  receivedAt: { allows: optional(isTimestamp), reason: 'bad-timestamp' },
  sentAt: { allows: optional(isTimestamp), reason: 'bad-timestamp' },
  writeKey: { allows: optional(isText), reason: 'unknown-member' },
  context: {
    allows: optional(only({ library: optional(EVENT_LIBRARY) })),
    reason: 'unknown-context',
  },
  integrations: { allows: optional(only({}), { orNull: true }), reason: 'unknown-context' },
  options: { allows: (value) => value == null, reason: 'unknown-member' },
  _metadata: {
    allows: optional(only({ nodeVersion: optional(isLabel), jsRuntime: optional(isLabel) })),
    reason: 'unknown-context',
  },
};

/**
 * Every member that a batch may have beside `batch`: only those that Segment's official clients send.
 *
 * @see https://github.com/segmentio/analytics-go/blob/v3.1.0/message.go (`messageId`, `context`)
 * @see https://github.com/segmentio/analytics-java (`Batch`: `sequence`, `context` with `instanceId`)
 * @see https://github.com/segmentio/analytics-python (`request.py`: `sentAt`, `writeKey`)
 * @see https://www.npmjs.com/package/analytics-node (6.2.0, Node's former client: `timestamp`)
 */
export const ENVELOPE_MEMBERS: Readonly<Record<string, Member>> = {
  messageId: { allows: optional(matches(MESSAGE_ID)), reason: 'bad-message-id' },
  sequence: { allows: optional(Number.isSafeInteger), reason: 'unknown-member' },
  timestamp: { allows: optional(isTimestamp), reason: 'bad-timestamp' },
  sentAt: { allows: optional(isTimestamp), reason: 'bad-timestamp' },
  writeKey: { allows: optional(isText), reason: 'unknown-member' },
  context: {
    allows: optional(only({ library: optional(LIBRARY), instanceId: optional(matches(UUID)) }), {
      orNull: true,
    }),
    reason: 'unknown-context',
  },
  integrations: { allows: optional(only({})), reason: 'unknown-context' },
};

/** The type is optional, because the path `/v1/track` implies it. */
export function isTrackType(value: unknown): boolean {
  return value === undefined || value === 'track';
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Allows an object whose members are all named in `shape` and allowed by it. */
function only(shape: Readonly<Record<string, (value: unknown) => boolean>>) {
  const checks = Object.entries(shape);
  return (value: unknown): boolean =>
    isObject(value) &&
    Object.keys(value).every((name) => Object.hasOwn(shape, name)) &&
    checks.every(([name, allows]) => allows(value[name]));
}

/** The Go client sends `null` instead of an absent context, the Ruby client instead of absent integrations. */
function optional(
  allows: (value: unknown) => boolean,
  { orNull = false }: { readonly orNull?: boolean } = {},
) {
  return (value: unknown): boolean =>
    value === undefined || (orNull && value === null) || allows(value);
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
