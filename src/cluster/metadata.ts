import type { Kind, Sighting } from '../event.ts';
import { MalformedResponseError } from './errors.ts';
import { array, object, scalar, strictScalar } from './json-shape.ts';

/**
 * Requests metadata only: neither spec nor status ever reaches this process.
 *
 * A list is a `PartialObjectMetadataList`; a watch sends single `PartialObjectMetadata`. If a watch
 * requests the list type, the API server silently sends whole objects.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
 */
export const METADATA_LIST_JSON =
  'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
export const METADATA_WATCH = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

export const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** Prefers protobuf, which the API server encodes far faster than JSON if annotations are large. */
export const METADATA_LIST = `${PROTOBUF};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,${METADATA_LIST_JSON}`;

/** What is kept of an object. Everything else, such as annotations, is never decoded. */
const METADATA = object({ uid: scalar, creationTimestamp: scalar, resourceVersion: scalar });

/**
 * What is kept of a list: each object and the list's own metadata. Without its continue token, an
 * incomplete list would count as complete.
 */
export const LIST_SHAPE = object({
  metadata: object({ resourceVersion: scalar, continue: strictScalar }),
  items: array(object({ metadata: METADATA })),
});

/** What is kept of a watch event: parts of its object, or of the `Status` in an ERROR event. */
export const WATCH_SHAPE = object({
  type: scalar,
  object: object({
    metadata: METADATA,
    code: scalar,
    reason: scalar,
    message: scalar,
    details: object({ retryAfterSeconds: scalar }),
  }),
});

/**
 * Returns the sighting of an object, from three fields of its metadata.
 *
 * Throws a `MalformedResponseError` if one of them is missing.
 */
export function sightingOf(kind: Kind, object: unknown, seenAt: number): Sighting {
  const { metadata } = (object ?? {}) as { readonly metadata?: unknown };
  const { uid, creationTimestamp, resourceVersion } = (metadata ?? {}) as Record<string, unknown>;
  const createdAt = secondsOf(creationTimestamp);
  if (!isText(uid) || typeof resourceVersion !== 'string' || !isSafeInteger(createdAt)) {
    throw new MalformedResponseError('sent an object without uid, time or resourceVersion');
  }
  return { kind, uid, createdAt, resourceVersion, seenAt };
}

/** Returns seconds since the epoch, from a text in JSON or from seconds in protobuf. */
function secondsOf(time: unknown): unknown {
  if (typeof time === 'string') return Date.parse(time) / 1000;
  return (time as { readonly seconds?: unknown } | null | undefined)?.seconds;
}

/** Returns the resourceVersion of a list or a bookmark, which may be empty. */
export function resourceVersionOf(object: unknown): string {
  const { metadata } = (object ?? {}) as { readonly metadata?: { resourceVersion?: unknown } };
  if (typeof metadata?.resourceVersion === 'string') return metadata.resourceVersion;
  throw new MalformedResponseError('sent an object without resourceVersion');
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isSafeInteger(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
