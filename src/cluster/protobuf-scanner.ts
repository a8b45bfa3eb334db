import { MalformedResponseError } from './errors.ts';

/** What is kept of a message, by field number. Fields with other numbers are skipped. */
export type MessageShape = ReadonlyMap<number, Field>;

/** A field that is kept. The elements of a repeated field are passed on one by one. */
export type Field = ScalarField | MessageField;

export interface ScalarField {
  readonly name: string;
  readonly form: 'text' | 'integer';
}

export interface MessageField {
  readonly name: string;
  readonly form: 'message' | 'elements';
  readonly shape: MessageShape;
}

export interface ProtobufScannerOptions {
  readonly shape: MessageShape;
  /** Called with each element of a repeated field. Elements are not kept. */
  readonly onElement: (element: unknown) => void;
}

/** Reads one protobuf message in pieces. Both methods throw a `MalformedResponseError`. */
export interface ProtobufScanner {
  readonly write: (chunk: Uint8Array) => void;
  /** Returns what is kept of the message. Throws if the message is incomplete. */
  readonly end: () => unknown;
}

interface Range {
  readonly bytes: Buffer;
  readonly at: number;
  readonly end: number;
}

interface Frame {
  readonly shape: MessageShape;
  readonly isElement: boolean;
  readonly kept: Record<string, unknown>;
  /** The position after the last byte of the message. */
  readonly end: number;
}

/** The limit of a kept text, in bytes. A continue token is the longest of them. */
const TEXT_LIMIT = 8_192;
/** The limit between two elements, in bytes. The largest object in etcd has about 1.5 MiB. */
const ELEMENT_LIMIT = 64 * 1_048_576;
/** A varint has 64 bits, seven in each byte. */
const MAX_VARINT_BYTES = 10;
const MAX_FIELD_NUMBER = 2 ** 29 - 1;
const WIRE = { varint: 0, fixed64: 1, lengthDelimited: 2, fixed32: 5 } as const;
const EMPTY = Buffer.alloc(0);

/**
 * Reads a protobuf message as a stream and keeps only the fields in `shape`. Skips all other fields
 * by their length, without buffering them, so memory is bounded for any input.
 *
 * Fields may be in any order. As the format requires, the last of several scalars wins, and the
 * parts of one embedded message are merged.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export function protobufScanner({ shape, onElement }: ProtobufScannerOptions): ProtobufScanner {
  const root: Frame = { shape, isElement: false, kept: {}, end: Number.POSITIVE_INFINITY };
  const frames: Frame[] = [];
  let frame = root;
  /** The start of the next field, counted from the first byte of the message. */
  let position = 0;
  let received = 0;
  let lastElementEnd = 0;
  /** The bytes of a field that is still incomplete. */
  let rest = EMPTY;
  /** The value of the last varint. */
  let value = 0;

  /**
   * Reads a varint into `value`. Returns the index after it, or `undefined` if it is incomplete.
   */
  function varint(bytes: Buffer, from: number): number | undefined {
    value = 0;
    for (let at = from, factor = 1; at < bytes.length; at += 1, factor *= 128) {
      assertProtobuf(at < from + MAX_VARINT_BYTES);
      const byte = bytes[at] as number;
      value += (byte & 127) * factor;
      if (byte < 128) return at + 1;
    }
    return undefined;
  }

  /** Reads a field. Returns the index of the next one, or `undefined` if this one is incomplete. */
  function field(bytes: Buffer, from: number): number | undefined {
    const at = varint(bytes, from);
    if (at === undefined) return undefined;
    const wire = value % 8;
    const number = (value - wire) / 8;
    assertProtobuf(number > 0 && number <= MAX_FIELD_NUMBER);
    const kept = frame.shape.get(number);
    assertProtobuf(kept === undefined || wire === wireOf(kept));
    if (wire === WIRE.lengthDelimited) return lengthDelimited(bytes, at, kept);
    if (wire === WIRE.varint) return integer(bytes, at, kept);
    return at + fixedLength(wire);
  }

  function integer(bytes: Buffer, from: number, kept: Field | undefined): number | undefined {
    const next = varint(bytes, from);
    if (next !== undefined && kept !== undefined) frame.kept[kept.name] = value;
    return next;
  }

  function lengthDelimited(
    bytes: Buffer,
    from: number,
    kept: Field | undefined,
  ): number | undefined {
    const at = varint(bytes, from);
    if (at === undefined) return undefined;
    const end = at + value;
    const endPosition = positionOf(bytes, end);
    assertProtobuf(Number.isSafeInteger(endPosition) && endPosition <= frame.end);
    if (kept === undefined) return end;
    if ('shape' in kept) return open(kept, endPosition, at);
    return text(kept, { bytes, at, end });
  }

  function text({ name }: ScalarField, { bytes, at, end }: Range): number | undefined {
    if (end - at > TEXT_LIMIT) throw new MalformedResponseError('sent a text that is too long');
    if (end > bytes.length) return undefined;
    frame.kept[name] = bytes.toString('utf8', at, end);
    return end;
  }

  /** Returns the position of an index. `bytes` are the last ones received. */
  function positionOf(bytes: Buffer, index: number): number {
    return received - bytes.length + index;
  }

  /** Opens an embedded message. Returns `at`, the start of its first field. */
  function open({ name, form, shape: inner }: MessageField, end: number, at: number): number {
    const isElement = form === 'elements';
    const kept = isElement ? {} : ((frame.kept[name] ?? {}) as Record<string, unknown>);
    if (!isElement) frame.kept[name] = kept;
    frames.push(frame);
    frame = { shape: inner, isElement, kept, end };
    return at;
  }

  function closeEnded(): void {
    while (frame.end <= position) {
      assertProtobuf(frame.end === position);
      if (frame.isElement) {
        lastElementEnd = position;
        onElement(frame.kept);
      }
      frame = frames.pop() ?? root;
    }
    if (position - lastElementEnd > ELEMENT_LIMIT) {
      throw new MalformedResponseError('sent a value without end');
    }
  }

  return {
    write(chunk) {
      const fresh = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      const bytes = rest.length > 0 ? Buffer.concat([rest, fresh]) : fresh;
      received += chunk.length;
      while (position < received) {
        const at = bytes.length - (received - position);
        const next = field(bytes, at);
        if (next === undefined) break;
        position += next - at;
        closeEnded();
      }
      rest = position < received ? Buffer.from(bytes.subarray(position - received)) : EMPTY;
    },
    end() {
      if (frame !== root || position !== received) {
        throw new MalformedResponseError('sent an incomplete list');
      }
      return root.kept;
    },
  };
}

function wireOf({ form }: Field): number {
  return form === 'integer' ? WIRE.varint : WIRE.lengthDelimited;
}

/** Throws for all other wire types: groups, which proto3 does not have, and undefined ones. */
function fixedLength(wire: number): number {
  assertProtobuf(wire === WIRE.fixed64 || wire === WIRE.fixed32);
  return wire === WIRE.fixed64 ? 8 : 4;
}

function assertProtobuf(holds: boolean): asserts holds {
  if (!holds) throw new MalformedResponseError('sent malformed protobuf');
}
