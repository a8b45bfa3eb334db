/** An encoder of protobuf, and of Kubernetes' lists of metadata in it, as an API server writes them. */

export function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, BigInt(value));
  for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
  return Buffer.from([...bytes, Number(left)]);
}

export function tag(number: number, wire: number): Buffer {
  return varint(number * 8 + wire);
}

export function integer(number: number, value: number | bigint): Buffer {
  return Buffer.concat([tag(number, 0), varint(value)]);
}

/** A text, bytes, or an embedded message of some fields. */
export function bytes(number: number, ...parts: readonly (string | Uint8Array)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  return Buffer.concat([tag(number, 2), varint(content.length), content]);
}

export interface EncodedObject {
  readonly metadata: {
    readonly name?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    /** RFC 3339. */
    readonly creationTimestamp: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

export interface EncodedList {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string | undefined };
  readonly items: readonly EncodedObject[];
}

export const MAGIC = Buffer.from('k8s\0');

/** Puts a message into the envelope that Kubernetes calls Unknown. */
export function enveloped(raw: Uint8Array, kind = 'PartialObjectMetadataList'): Buffer {
  const typeMeta = bytes(1, bytes(1, 'meta.k8s.io/v1'), bytes(2, kind));
  return Buffer.concat([MAGIC, typeMeta, bytes(2, raw), bytes(3, ''), bytes(4, '')]);
}

export function encodedList({ metadata, items }: EncodedList): Buffer {
  const listMeta = [bytes(1, ''), bytes(2, metadata.resourceVersion)];
  const next = bytes(3, metadata.continue ?? '');
  return enveloped(
    Buffer.concat([
      bytes(1, ...listMeta, next, integer(4, 3)),
      ...items.map((item) => bytes(2, encodedObject(item))),
    ]),
  );
}

function encodedObject({ metadata }: EncodedObject): Buffer {
  const { name = '', uid, resourceVersion, creationTimestamp, annotations = {} } = metadata;
  return bytes(
    1,
    ...[bytes(1, name), bytes(2, ''), bytes(3, 'users'), bytes(4, ''), bytes(5, uid)],
    ...[bytes(6, resourceVersion), integer(7, 1), bytes(8, time(creationTimestamp))],
    ...Object.entries(annotations).map(([key, value]) => bytes(12, bytes(1, key), bytes(2, value))),
    bytes(17, bytes(1, 'kubectl'), bytes(4, time(creationTimestamp)), bytes(7, bytes(1, '{}'))),
  );
}

function time(text: string): Buffer {
  return Buffer.concat([integer(1, Date.parse(text) / 1000), integer(2, 0)]);
}
