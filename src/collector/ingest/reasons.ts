/** Why an event was refused. The list is closed: a reason never holds anything of the event. */
export const REASONS = [
  /** Not a JSON object. */
  'not-an-object',
  /** A member that is neither of our payload nor added by an official SDK. */
  'unknown-member',
  /** Segment's `identify`, `page`, `alias` and so on. */
  'not-a-track',
  /** Not in the catalogue. */
  'unknown-event',
  /** `properties` hold more than `event`. */
  'unknown-property',
  /** `context`, `integrations` or `_metadata` hold more than an official SDK says of itself. */
  'unknown-context',
  /** Not 1 to 100 characters of `0-9A-Za-z_-`. */
  'bad-message-id',
  /** Not 64 lower-case hex digits, or `anonymousId` and `userId` differ. */
  'bad-user-id',
  /** Not a moment of ISO 8601 (RFC 3339) that the calendar has. */
  'bad-timestamp',
] as const;
export type Reason = (typeof REASONS)[number];
