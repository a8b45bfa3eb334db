import { MalformedResponseError } from './errors.ts';
import { type MessageShape, protobufScanner } from './protobuf-scanner.ts';

/** Each body in Kubernetes' protobuf begins with these bytes: `k8s` and a zero byte. */
const MAGIC = Buffer.from('k8s\0', 'latin1');

const CREATION_TIMESTAMP: MessageShape = new Map([[1, { name: 'seconds', form: 'integer' }]]);

const OBJECT_META: MessageShape = new Map([
  [5, { name: 'uid', form: 'text' }],
  [6, { name: 'resourceVersion', form: 'text' }],
  [8, { name: 'creationTimestamp', form: 'message', shape: CREATION_TIMESTAMP }],
]);

const PARTIAL_OBJECT_METADATA: MessageShape = new Map([
  [1, { name: 'metadata', form: 'message', shape: OBJECT_META }],
]);

const LIST_META: MessageShape = new Map([
  [2, { name: 'resourceVersion', form: 'text' }],
  [3, { name: 'continue', form: 'text' }],
]);

const PARTIAL_OBJECT_METADATA_LIST: MessageShape = new Map([
  [1, { name: 'metadata', form: 'message', shape: LIST_META }],
  [2, { name: 'items', form: 'elements', shape: PARTIAL_OBJECT_METADATA }],
]);

const TYPE_META: MessageShape = new Map([[2, { name: 'kind', form: 'text' }]]);

const UNKNOWN: MessageShape = new Map([
  [1, { name: 'typeMeta', form: 'message', shape: TYPE_META }],
  [2, { name: 'raw', form: 'message', shape: PARTIAL_OBJECT_METADATA_LIST }],
]);

/** Reads a list in pieces. Both methods throw a `MalformedResponseError`. */
export interface ListReader {
  readonly write: (chunk: Uint8Array) => void;
  /** Returns what is kept of the list. Throws if the list is incomplete. */
  readonly end: () => unknown;
}

/**
 * Reads a list of metadata in Kubernetes' protobuf as a stream. Keeps the UID, creation time and
 * resourceVersion of each object, and the resourceVersion and continue token of the list.
 *
 * Calls `onItem` with each object in its JSON form, but with a creation time in seconds:
 * `{ metadata: { uid, resourceVersion, creationTimestamp: { seconds } } }`.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
 * @see https://github.com/kubernetes/apimachinery/blob/master/pkg/runtime/generated.proto (Unknown)
 * @see https://github.com/kubernetes/apimachinery/blob/master/pkg/apis/meta/v1/generated.proto
 */
export function protobufListReader(onItem: (item: unknown) => void): ListReader {
  const scanner = protobufScanner({ shape: UNKNOWN, onElement: onItem });
  let magicBytes = 0;

  return {
    write(chunk) {
      const expected = MAGIC.subarray(magicBytes, magicBytes + chunk.length);
      if (expected.compare(chunk, 0, expected.length) !== 0) {
        throw new MalformedResponseError("sent a body that is not Kubernetes' protobuf");
      }
      magicBytes += expected.length;
      scanner.write(chunk.subarray(expected.length));
    },
    end() {
      const { typeMeta, raw } = scanner.end() as {
        readonly typeMeta?: { readonly kind?: unknown };
        readonly raw?: unknown;
      };
      if (magicBytes < MAGIC.length) throw new MalformedResponseError('sent an incomplete list');
      if (typeMeta?.kind !== 'PartialObjectMetadataList') {
        throw new MalformedResponseError('sent something other than a list of metadata');
      }
      if (raw === undefined) throw new MalformedResponseError('sent an incomplete list');
      return raw;
    },
  };
}
