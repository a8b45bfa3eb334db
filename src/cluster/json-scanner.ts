import { MalformedResponseError } from './errors.ts';
import { enterMember, type Frame, frameOf, isObject, setMember, setSimple } from './json-frame.ts';
import type { Shape } from './json-shape.ts';
import { BLANKS, matchEnd, TO_BRACKET, WHOLE_VALUE } from './json-text.ts';
import { assertJson, tokenReader } from './json-token.ts';

export interface ScanOptions {
  readonly shape: Shape;
  /** Called with each element of an array. The array itself is not kept. */
  readonly onElement?: (element: unknown) => void;
  /** Called with each value of the stream: a whole list, or one event of a watch. */
  readonly onValue: (value: unknown) => void;
  /** The limit of a kept scalar, in bytes. By default enough for a continue token, the longest one. */
  readonly scalarLimit?: number;
}

/** Reads JSON in pieces. */
export interface JsonScanner {
  /** Throws a `MalformedResponseError` for malformed JSON, an endless value or a refused scalar. */
  readonly write: (chunk: Uint8Array) => void;
  /** Returns whether every value that has begun has ended. */
  readonly isBetweenValues: () => boolean;
}

/** How much is matched in one step, in bytes. */
const PIECE = 65_536;
const SCALAR_LIMIT = 8_192;
/** The limit of a value or element, in bytes. The largest object in etcd has about 1.5 MiB. */
const VALUE_LIMIT = 64 * 1_048_576;
/** The highest character code of a blank. */
const SPACE = 32;

/** Reads on from an index. Returns the index that it has reached, at least one further. */
type Step = (text: string, at: number) => number;

/**
 * Reads a stream of JSON and keeps only the parts in `shape`. Skips everything else without
 * decoding or copying it, so memory is bounded for any input. In skipped parts only strings and the
 * depth of brackets are checked.
 *
 * Regular expressions do the skipping: they are machine code even if V8's compilers are switched
 * off, as they are in the image.
 *
 * @see docs/adr/0013-lists-and-watches-as-streams.md
 */
export function jsonScanner(options: ScanOptions): JsonScanner {
  const { shape, onElement, onValue, scalarLimit = SCALAR_LIMIT } = options;
  const frames: Frame[] = [];
  const token = tokenReader({ limit: scalarLimit });
  /** The shape of the next value; `undefined` if it is skipped. */
  let expected: Shape | undefined = shape;
  let step: Step = value;
  /** Whether an object or array has just begun. It may be empty. */
  let isFirst = false;
  /** How many brackets are open in the skipped value. */
  let depth = 0;
  let bytes = 0;

  function value(text: string, at: number): number {
    const char = text[at] ?? '';
    if (char === ']' && isFirst) return close(at);
    assertJson(!',:}]'.includes(char));
    isFirst = false;
    const next = expected === undefined ? matchEnd(WHOLE_VALUE, text, at) : at;
    return next > at ? finished(undefined, next) : begin(char, text, at);
  }

  function begin(char: string, text: string, at: number): number {
    if (char === '{' || char === '[') return open(char, at);
    token.begin(expected?.form === 'scalar' ? expected.tooLong : undefined);
    step = char === '"' ? string : scalar;
    return step(text, char === '"' ? at + 1 : at);
  }

  function open(char: string, at: number): number {
    const frame = frameOf(expected, char);
    isFirst = frame !== undefined;
    if (frame) frames.push(frame);
    else depth = 1;
    step = frame ? nextIn(frame) : skip;
    return at + 1;
  }

  function nextIn(frame: Frame): Step {
    if (isObject(frame)) return key;
    expected = frame.shape.element;
    return value;
  }

  function key(text: string, at: number): number {
    if (text[at] === '}' && isFirst) return close(at);
    isFirst = false;
    const next = setSimple(frames.at(-1), text, at);
    if (next > at) {
      step = text[next - 1] === ',' ? key : comma;
      return next;
    }
    assertJson(text[at] === '"');
    token.begin('dropped');
    step = keyText;
    return at + 1;
  }

  function keyText(text: string, at: number): number {
    const next = token.string(text, at);
    if (next === undefined) return text.length;
    // A name that is too long is not a name in the shape.
    expected = enterMember(frames.at(-1), token.stringValue() ?? '');
    step = colon;
    return next;
  }

  function colon(text: string, at: number): number {
    assertJson(text[at] === ':');
    step = value;
    return at + 1;
  }

  function string(text: string, at: number): number {
    const next = token.string(text, at);
    return next === undefined ? text.length : finished(token.stringValue(), next);
  }

  function scalar(text: string, at: number): number {
    const next = token.scalar(text, at);
    return next === undefined ? text.length : finished(token.scalarValue(), next);
  }

  function skip(text: string, at: number): number {
    const next = matchEnd(TO_BRACKET, text, at);
    const char = text[next];
    if (char === undefined) return next;
    if (char === '"') return skippedString(text, next + 1);
    depth += char === '{' || char === '[' ? 1 : -1;
    return depth === 0 ? finished(undefined, next + 1) : next + 1;
  }

  /** Skips a string that ends in a later piece. */
  function skippedString(text: string, at: number): number {
    if (step !== skippedString) token.begin();
    const next = token.string(text, at);
    step = next === undefined ? skippedString : skip;
    return next ?? text.length;
  }

  function comma(text: string, at: number): number {
    const frame = frames.at(-1);
    if (text[at] === (isObject(frame) ? '}' : ']')) return close(at);
    assertJson(text[at] === ',' && frame !== undefined);
    step = nextIn(frame);
    return at + 1;
  }

  function close(at: number): number {
    const frame = frames.pop();
    return finished(isObject(frame) ? frame.kept : undefined, at + 1);
  }

  /** Ends a value and passes its kept part to the enclosing object, or out. */
  function finished(kept: unknown, next: number): number {
    const frame = frames.at(-1);
    isFirst = false;
    step = frame ? comma : value;
    if (isObject(frame)) setMember(frame, kept);
    else emit(kept, frame);
    return next;
  }

  function emit(kept: unknown, frame: Frame | undefined): void {
    bytes = 0;
    expected = shape;
    (frame ? onElement : onValue)?.(kept);
  }

  /** Returns the index after the blanks that are allowed here. */
  function afterBlanks(text: string, at: number): number {
    if (text.charCodeAt(at) > SPACE) return at;
    const isBetween = step === value || step === key || step === colon || step === comma;
    return isBetween ? matchEnd(BLANKS, text, at) : at;
  }

  function consume(text: string): void {
    for (let at = 0; at < text.length; ) {
      const next = afterBlanks(text, at);
      at = next > at ? next : step(text, at);
    }
    bytes += text.length;
    if (bytes > VALUE_LIMIT) throw new MalformedResponseError('sent a value without end');
  }

  return {
    write(chunk) {
      const buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      for (let from = 0; from < buffer.length; from += PIECE) {
        consume(buffer.toString('latin1', from, Math.min(from + PIECE, buffer.length)));
      }
    },
    isBetweenValues: () => frames.length === 0 && step === value,
  };
}
