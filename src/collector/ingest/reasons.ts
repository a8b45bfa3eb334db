/** Why an event was refused. The list is closed: a reason never contains anything from the event. */
export const REASONS = [
  /** Not a JSON object. */
  'not-an-object',
  /** A member that is not in our payload and that no official SDK adds. */
  'unknown-member',
  /** Segment's `identify`, `page`, `alias` and so on. */
  'not-a-track',
  /** Not in the catalogue. */
  'unknown-event',
  /** `properties` does not have exactly `event`. */
  'unknown-property',
  /** `context`, `integrations` or `_metadata` has members that no official SDK sends. */
  'unknown-context',
  /** Not 1 to 100 characters of `0-9A-Za-z_-`. */
  'bad-message-id',
  /** Not 64 lower-case hex digits, or `anonymousId` and `userId` differ. */
  'bad-user-id',
  /** Not a time of RFC 3339 (ISO 8601) that exists in the calendar. */
  'bad-timestamp',
] as const;
export type Reason = (typeof REASONS)[number];
