import type { Kind, Sighting } from '../event.ts';
import { MalformedAnswerError } from './errors.ts';
import { array, object, scalar } from './json-shape.ts';

/**
 * Asks for metadata only: neither spec nor status ever reaches this process.
 *
 * A list is a `PartialObjectMetadataList`, but a watch carries single `PartialObjectMetadata`: asked
 * for the list on a watch, the API server silently sends whole objects.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
 */
export const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
export const METADATA_WATCH = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

/** What is kept of an object: all else, annotations and managed fields too, is never decoded. */
const METADATA = object({ uid: scalar, creationTimestamp: scalar, resourceVersion: scalar });

/** What is kept of a list: each object, and what stands around them. */
export const LIST_SHAPE = object({
  metadata: object({ resourceVersion: scalar, continue: scalar }),
  items: array(object({ metadata: METADATA })),
});

/** What is kept of a watch event: of its object, or of the `Status` that an ERROR carries. */
export const WATCH_SHAPE = object({
  type: scalar,
  object: object({
    metadata: METADATA,
    code: scalar,
    reason: scalar,
    details: object({ retryAfterSeconds: scalar }),
  }),
});

/** Takes from an object's metadata the three fields that decisions need. */
export function sightingOf(kind: Kind, object: unknown, seenAt: number): Sighting {
  const { metadata } = (object ?? {}) as { readonly metadata?: unknown };
  const { uid, creationTimestamp, resourceVersion } = (metadata ?? {}) as Record<string, unknown>;
  const createdAt = Date.parse(String(creationTimestamp)) / 1000;
  if (!isText(uid) || typeof resourceVersion !== 'string' || !Number.isSafeInteger(createdAt)) {
    throw new MalformedAnswerError('sent an object without uid, time or resourceVersion');
  }
  return { kind, uid, createdAt, resourceVersion, seenAt };
}

/** The resourceVersion of a list or a bookmark. Empty if the server has none to send. */
export function resourceVersionOf(object: unknown): string {
  const { metadata } = (object ?? {}) as { readonly metadata?: { resourceVersion?: unknown } };
  if (typeof metadata?.resourceVersion === 'string') return metadata.resourceVersion;
  throw new MalformedAnswerError('sent an object without resourceVersion');
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
