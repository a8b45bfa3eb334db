/**
 * Segment's own limits. What is beyond them is answered with 400.
 *
 * @see https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/#batch
 */
export const LIMITS = {
  /** One event, as bytes of JSON. Also a whole request of `/v1/track`. */
  eventBytes: 32 * 1024,
  /** A whole request of `/v1/batch`, after inflation. */
  batchBytes: 500 * 1024,
  batchEvents: 2_500,
} as const;
