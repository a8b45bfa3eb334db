import { MalformedResponseError } from './errors.ts';
import type { TooLong } from './json-shape.ts';
import { matchEnd, SCALAR, TO_STRING_END } from './json-text.ts';

/** Reads strings, numbers and literals one after the other. Each may arrive in pieces. */
export interface TokenReader {
  /** Begins the next token. Without `tooLong` it is skipped, not copied. */
  readonly begin: (tooLong?: TooLong) => void;
  /**
   * Reads a string from after its first quote. Returns the index after its end; `undefined` if the
   * next piece continues it.
   */
  readonly string: (text: string, at: number) => number | undefined;
  /** The same for a number or literal, which ends before another character. */
  readonly scalar: (text: string, at: number) => number | undefined;
  /** Returns the value of the last string; `undefined` if it was skipped or dropped. */
  readonly stringValue: () => string | undefined;
  readonly scalarValue: () => unknown;
}

/** Each character of a text is one byte. `limit` is in bytes. */
export function tokenReader({ limit }: { readonly limit: number }): TokenReader {
  let raw: string | undefined;
  let tooLong: TooLong | undefined;
  /** Whether the last piece ended inside an escape. */
  let inEscape = false;

  function keep(text: string, from: number, to: number): void {
    if (raw === undefined) return;
    const isTooLong = raw.length + to - from > limit;
    if (isTooLong && tooLong === 'refused') {
      throw new MalformedResponseError('sent a text that is too long');
    }
    raw = isTooLong ? undefined : raw + text.slice(from, to);
  }

  return {
    begin(next) {
      tooLong = next;
      raw = next === undefined ? undefined : '';
    },
    string(text, at) {
      const end = matchEnd(TO_STRING_END, text, inEscape ? at + 1 : at);
      const isWhole = text[end] === '"';
      keep(text, at, isWhole ? end : text.length);
      // A backslash at the end escapes the first character of the next piece.
      inEscape = !isWhole && end < text.length;
      return isWhole ? end + 1 : undefined;
    },
    scalar(text, at) {
      const end = matchEnd(SCALAR, text, at);
      keep(text, at, end);
      return end < text.length ? end : undefined;
    },
    stringValue() {
      if (raw === undefined || /^[ !#-[\]-~]*$/.test(raw)) return raw;
      return parsed(`"${utf8(raw)}"`) as string;
    },
    scalarValue: () => (raw === undefined ? undefined : parsed(utf8(raw))),
  };
}

function utf8(raw: string): string {
  return Buffer.from(raw, 'latin1').toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MalformedResponseError('sent malformed JSON', { cause });
  }
}

export function assertJson(holds: boolean): asserts holds {
  if (!holds) throw new MalformedResponseError('sent malformed JSON');
}
